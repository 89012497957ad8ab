using System.Globalization;
using Sutra.Api.Understanding;
using Sutra.Contracts.Api;

namespace Sutra.Api.Planning;

/// <summary>The highest or lowest, the sum, the average, how many: of the records of a time.</summary>
internal static class Aggregate
{
    private const int MaxEvidence = 20;

    /// <param name="records">At least one, by time.</param>
    public static PlannedAnswer Answer(PlanContext context, IReadOnlyList<Record> records, string kind)
    {
        var question = context.Question;
        if (question.Threshold is { } threshold && (question.WantsCount || threshold.Side != 0))
        {
            return Matching(context, records, threshold);
        }

        if (question.WantsCount)
        {
            return Count(context, records);
        }

        if (kind == PlanKinds.Extreme)
        {
            return Extreme(context, records, question.Has(Cue.Maximum) || !question.Has(Cue.Minimum), kind);
        }

        var measure = context.Measure;
        var isSum = question.Has(Cue.Sum) || (!question.Has(Cue.Average) && measure.IsWhole);
        var result = Combine(records, measure, isSum);
        var writer = new AnswerWriter()
            .Add($"The {(isSum ? "total" : "average")} {measure.Label}{OfSubject(context)}{context.When()} was ")
            .AddNumber(result, measure)
            .Add(string.Create(CultureInfo.InvariantCulture, $", from {records.Count} records: "))
            .Add($"{context.DayOf(records[0])} ").AddValue(records[0], measure)
            .Add($" to {context.DayOf(records[^1])} ").AddValue(records[^1], measure).Add(".");
        return new PlannedAnswer(PlanKinds.Aggregate, writer.ToString(), null, [.. records.Take(MaxEvidence).Select(record => record.Concept)])
        {
            Citations = writer.Citations,
            Values = [new AnswerValue($"{(isSum ? "sum" : "average")}({measure.Name})", AnswerWriter.Number(result, measure))],
            Choices = Chosen(context) + (question.Has(Cue.Sum | Cue.Average) ? 0 : 1),
        };
    }

    public static PlannedAnswer Extreme(PlanContext context, IReadOnlyList<Record> records, bool isMaximum, string kind)
    {
        var measure = context.Measure;
        var best = Best(records, measure, isMaximum);
        var value = best.Number(measure);
        var same = records.Count(record => record.Number(measure) == value);
        var writer = new AnswerWriter()
            .Add($"The {Superlative(measure, isMaximum)}{context.Of(best)}{context.When()} was ")
            .AddValue(best, measure).Add(" on ").AddProven(context.DayOf(best), best, context.Time!)
            .Add(same > 1 ? string.Create(CultureInfo.InvariantCulture, $", and on {same - 1} more.") : ".");
        return new PlannedAnswer(kind, writer.ToString(), null, [best.Concept])
        {
            Citations = writer.Citations,
            Values =
            [
                new AnswerValue(measure.Name, best[measure]!, best.Concept.Id),
                new AnswerValue(context.Time!.Name, context.DayOf(best), best.Concept.Id),
                .. context.Subject is { } subject && best[subject] is { } name ? [new AnswerValue(subject.Name, name, best.Concept.Id)] : Array.Empty<AnswerValue>(),
            ],
            Choices = Chosen(context),
        };
    }

    /// <summary>The first of the best.</summary>
    public static Record Best(IEnumerable<Record> records, CatalogField measure, bool isMaximum)
    {
        var known = records.Where(record => record.Number(measure) is not null);
        return isMaximum ? known.MaxBy(record => record.Number(measure))! : known.MinBy(record => record.Number(measure))!;
    }

    public static decimal Combine(IReadOnlyCollection<Record> records, CatalogField measure, bool isSum)
    {
        var numbers = records.Select(record => record.Number(measure)).OfType<decimal>().ToList();
        return numbers.Count == 0 ? 0 : isSum ? numbers.Sum() : numbers.Average();
    }

    /// <summary>"highest closing price", "highest price" of a field that is a highest price itself.</summary>
    public static string Superlative(CatalogField measure, bool isMaximum)
    {
        var label = measure.Label;
        var first = label.Split(' ')[0];
        var says = Lexicon.CueOf(first).HasFlag(isMaximum ? Cue.Maximum : Cue.Minimum);
        return says ? label : $"{(isMaximum ? "highest" : "lowest")} {label}";
    }

    public static int Chosen(PlanContext context) => (context.IsMeasureChosen ? 1 : 0) + (context.Question.Times.Count == 0 ? 1 : 0);

    public static string OfSubject(PlanContext context) => context.Subjects.Count > 0 ? $" of {string.Join(" and ", context.Subjects)}" : "";

    private static PlannedAnswer Count(PlanContext context, IReadOnlyList<Record> records)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"There are {records.Count} records{OfSubject(context)}{context.When()}.");
        return new PlannedAnswer(PlanKinds.Aggregate, text, null, [.. records.Take(MaxEvidence).Select(record => record.Concept)])
        {
            Values = [new AnswerValue("count", records.Count.ToString(CultureInfo.InvariantCulture))],
            Choices = context.Question.Times.Count == 0 ? 1 : 0,
        };
    }

    private static PlannedAnswer Matching(PlanContext context, IReadOnlyList<Record> records, Threshold threshold)
    {
        var measure = context.Measure;
        var matching = records.Where(record => record.Number(measure) is { } number && Passes(number, threshold)).ToList();
        var how = threshold.Side > 0 ? "above" : threshold.Side < 0 ? "below" : "at";
        var writer = new AnswerWriter().Add(string.Create(
            CultureInfo.InvariantCulture, $"In {matching.Count} of {records.Count} records{OfSubject(context)}{context.When()} the {measure.Label} was {how} {threshold.Number}"));
        if (matching.Count > 0)
        {
            writer.Add($", first on {context.DayOf(matching[0])} with ").AddValue(matching[0], measure);
        }

        return new PlannedAnswer(PlanKinds.Aggregate, writer.Add(".").ToString(), null, [.. (matching.Count > 0 ? matching : records).Take(MaxEvidence).Select(record => record.Concept)])
        {
            Citations = writer.Citations,
            Values = [new AnswerValue("count", matching.Count.ToString(CultureInfo.InvariantCulture))],
            Choices = Chosen(context),
        };
    }

    public static bool Passes(decimal number, Threshold threshold) =>
        threshold.Side > 0 ? number > threshold.Number : threshold.Side < 0 ? number < threshold.Number : number == threshold.Number;
}
