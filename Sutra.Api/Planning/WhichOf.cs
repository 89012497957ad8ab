using System.Globalization;
using Sutra.Api.Understanding;
using Sutra.Contracts.Api;

namespace Sutra.Api.Planning;

/// <summary>Which of all has most, least, gained most, or has just this value.</summary>
internal static class WhichOf
{
    private const int MaxNamed = 5;

    /// <param name="records">At least one, by time.</param>
    public static PlannedAnswer Answer(PlanContext context, IReadOnlyList<Record> records)
    {
        var question = context.Question;
        if (question.Threshold is { } threshold)
        {
            return Matching(context, records, threshold);
        }

        var isLess = (question.Has(Cue.Minimum) && !question.Has(Cue.Maximum)) || (question.Has(Cue.Less) && !question.Has(Cue.More | Cue.Maximum));
        var subject = context.Subject!;
        var groups = records.Where(record => record[subject] is { Length: > 0 })
            .GroupBy(record => record[subject]!, StringComparer.Ordinal).Select(group => (Name: group.Key, Records: group.ToList())).OrderBy(group => group.Name, StringComparer.Ordinal).ToList();
        if (groups.Count == 0)
        {
            return new PlannedAnswer(PlanKinds.Which, null, $"The records{context.When()} do not say the {subject.Label}.", []);
        }

        if (question.Has(Cue.Rise | Cue.Fall | Cue.Change) && groups.Any(group => group.Records.Count > 1))
        {
            return Changed(context, groups, isLess);
        }

        var isTotal = !context.IsOneDay && (question.Has(Cue.Sum) || (context.Measure.IsWhole && question.Tokens.Any(token => token.Text.ToLowerInvariant() is "most" or "fewest" or "least" or "more" or "fewer")));
        return question.Has(Cue.Average) && !context.IsOneDay ? Combined(context, groups, isLess, isSum: false)
            : isTotal ? Combined(context, groups, isLess, isSum: true)
            : One(context, records, isLess);
    }

    private static PlannedAnswer One(PlanContext context, IReadOnlyList<Record> records, bool isLess)
    {
        var (measure, subject) = (context.Measure, context.Subject!);
        var best = Aggregate.Best(records, measure, !isLess);
        var ranked = isLess ? records.OrderBy(record => record.Number(measure)) : records.OrderByDescending(record => record.Number(measure));
        var next = ranked.FirstOrDefault(record => !string.Equals(record[subject], best[subject], StringComparison.Ordinal));
        var writer = new AnswerWriter().AddProven(best[subject] ?? "", best, subject)
            .Add($" had the {Aggregate.Superlative(measure, !isLess)}{context.When()}: ").AddValue(best, measure)
            .Add(context.IsOneDay ? "" : $" on {context.DayOf(best)}");
        if (next is not null)
        {
            writer.Add($". Next was {next[subject]} with ").AddValue(next, measure).Add(context.IsOneDay ? "" : $" on {context.DayOf(next)}");
        }

        return new PlannedAnswer(PlanKinds.Which, writer.Add(".").ToString(), null, [best.Concept, .. next is null ? [] : new[] { next.Concept }])
        {
            Citations = writer.Citations,
            Values =
            [
                new AnswerValue(subject.Name, best[subject] ?? "", best.Concept.Id),
                new AnswerValue(measure.Name, best[measure]!, best.Concept.Id),
                new AnswerValue(context.Time!.Name, context.DayOf(best), best.Concept.Id),
            ],
            Choices = Aggregate.Chosen(context),
        };
    }

    private static PlannedAnswer Combined(PlanContext context, List<(string Name, List<Record> Records)> groups, bool isLess, bool isSum)
    {
        var (measure, subject) = (context.Measure, context.Subject!);
        var ranked = groups.Select(group => (group.Name, group.Records, Number: Aggregate.Combine(group.Records, measure, isSum))).OrderBy(group => isLess ? group.Number : -group.Number).ToList();
        var (name, own, number) = ranked[0];
        var writer = new AnswerWriter().AddProven(name, own[0], subject)
            .Add($" had the {(isLess ? "lowest" : "highest")} {(isSum ? "total" : "average")} {measure.Label}{context.When()}: ").AddNumber(number, measure)
            .Add(string.Create(CultureInfo.InvariantCulture, $" over {own.Count} records."));
        if (ranked.Count > 1)
        {
            writer.Add($" Next was {ranked[1].Name} with ").AddNumber(ranked[1].Number, measure).Add(".");
        }

        return new PlannedAnswer(PlanKinds.Which, writer.ToString(), null, [.. own.Take(20).Select(record => record.Concept)])
        {
            Citations = writer.Citations,
            Values = [new AnswerValue(subject.Name, name), new AnswerValue($"{(isSum ? "sum" : "average")}({measure.Name})", AnswerWriter.Number(number, measure))],
            Choices = Aggregate.Chosen(context) + (context.Question.Has(Cue.Sum | Cue.Average) ? 0 : 1),
        };
    }

    private static PlannedAnswer Changed(PlanContext context, List<(string Name, List<Record> Records)> groups, bool isLess)
    {
        var (measure, subject, question) = (context.Measure, context.Subject!, context.Question);
        var downward = (question.Has(Cue.Fall) && !question.Has(Cue.Rise)) != isLess;
        var changes = groups.Where(group => group.Records.Count > 1).Select(group => (group.Name, group.Records, Share: Trend.Change(group.Records, measure))).ToList();

        // Whoever changed most in either direction, unless one was said.
        var ranked = (question.Has(Cue.Rise | Cue.Fall) || HasJudgement(question)
            ? downward ? changes.OrderBy(group => group.Share) : changes.OrderByDescending(group => group.Share)
            : changes.OrderByDescending(group => Math.Abs(group.Share))).ToList();
        var (name, own, share) = ranked[0];
        var writer = new AnswerWriter().AddProven(name, own[0], subject)
            .Add(string.Create(CultureInfo.InvariantCulture, $"'s {measure.Label} changed {(share < 0 ? "down" : "up")} by {Math.Abs(share) * 100:F2} %{context.When()}, {(downward ? "the lowest" : "the highest")} change of {ranked.Count}: from "))
            .AddValue(own[0], measure).Add($" on {context.DayOf(own[0])} to ").AddValue(own[^1], measure).Add($" on {context.DayOf(own[^1])}.");
        return new PlannedAnswer(PlanKinds.Which, writer.ToString(), null, [own[0].Concept, own[^1].Concept])
        {
            Citations = writer.Citations,
            Values = [new AnswerValue(subject.Name, name), new AnswerValue("change_percent", (share * 100).ToString("F2", CultureInfo.InvariantCulture))],
            Choices = Aggregate.Chosen(context),
        };
    }

    /// <summary>best, worst, better: of a change, upward is good.</summary>
    private static bool HasJudgement(Question question) => question.Has(Cue.Maximum | Cue.Minimum | Cue.More | Cue.Less);

    private static PlannedAnswer Matching(PlanContext context, IReadOnlyList<Record> records, Threshold threshold)
    {
        var (measure, subject) = (context.Measure, context.Subject!);
        var matching = records.Where(record => record.Number(measure) is { } number && Aggregate.Passes(number, threshold)).DistinctBy(record => record[subject]).ToList();
        var how = threshold.Side > 0 ? "above" : threshold.Side < 0 ? "below" : "of";
        if (matching.Count == 0)
        {
            return new PlannedAnswer(PlanKinds.Which, null, $"No record{context.When()} has a {measure.Label} {how} the number asked for.", []);
        }

        var writer = new AnswerWriter();
        foreach (var (record, i) in matching.Take(MaxNamed).Select((record, i) => (record, i)))
        {
            writer.Add(i == 0 ? "" : ", ").AddProven(record[subject] ?? "", record, subject).Add(" (").AddValue(record, measure).Add($" on {context.DayOf(record)})");
        }

        writer.Add(matching.Count > MaxNamed ? string.Create(CultureInfo.InvariantCulture, $" and {matching.Count - MaxNamed} more.") : ".");
        return new PlannedAnswer(PlanKinds.Which, writer.ToString(), null, [.. matching.Take(20).Select(record => record.Concept)])
        {
            Citations = writer.Citations,
            Values = [.. matching.Take(MaxNamed).Select(record => new AnswerValue(subject.Name, record[subject] ?? "", record.Concept.Id))],
            Choices = Aggregate.Chosen(context),
        };
    }
}
