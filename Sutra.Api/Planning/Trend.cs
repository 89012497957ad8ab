using System.Globalization;
using Sutra.Api.Understanding;
using Sutra.Contracts.Api;

namespace Sutra.Api.Planning;

/// <summary>How a value changed over a time, in words.</summary>
internal static class Trend
{
    /// <summary>Smaller changes, of the first value, are none.</summary>
    public const decimal Flat = 0.005m;

    /// <param name="records">At least one, by time.</param>
    public static PlannedAnswer Answer(PlanContext context, IReadOnlyList<Record> records)
    {
        var measure = context.Measure;
        var (first, last) = (records[0], records[^1]);
        if (records.Count < 2)
        {
            return new PlannedAnswer(PlanKinds.Trend, null, $"There is only one record{context.Of(first)}{context.When()}: too few to see a change.", [first.Concept]);
        }

        var share = Change(records, measure);
        var direction = Direction(share);
        var question = context.Question;
        var says = question.IsYesNo && question.Has(Cue.Rise) != question.Has(Cue.Fall)
            ? (question.Has(Cue.Rise) ? direction == "rose" : direction == "fell") ? "Yes: the " : "No: the "
            : "The ";
        var writer = new AnswerWriter().Add($"{says}{measure.Label}{context.Of(first)} ");
        writer.Add(direction == Steady ? "stayed about the same" : string.Create(CultureInfo.InvariantCulture, $"{direction} by {Math.Abs(share) * 100:F2} %"))
            .Add($"{context.When()}, from ").AddValue(first, measure).Add($" on {context.DayOf(first)} to ").AddValue(last, measure).Add($" on {context.DayOf(last)}.");
        var evidence = new List<Record> { first, last };
        if (records.Count > 2)
        {
            var (high, low) = (Aggregate.Best(records, measure, isMaximum: true), Aggregate.Best(records, measure, isMaximum: false));
            writer.Add(" It was highest with ").AddValue(high, measure).Add($" on {context.DayOf(high)} and lowest with ").AddValue(low, measure).Add($" on {context.DayOf(low)}.");
            evidence.AddRange([high, low]);
        }

        return new PlannedAnswer(PlanKinds.Trend, writer.ToString(), null, [.. evidence.Select(record => record.Concept).DistinctBy(concept => concept.Id)])
        {
            Citations = writer.Citations,
            Values =
            [
                new AnswerValue("direction", direction),
                new AnswerValue("change_percent", (share * 100).ToString("F2", CultureInfo.InvariantCulture)),
                new AnswerValue(measure.Name, first[measure]!, first.Concept.Id),
                new AnswerValue(measure.Name, last[measure]!, last.Concept.Id),
            ],
            Choices = Aggregate.Chosen(context),
        };
    }

    /// <summary>Of the first value, from the first to the last record.</summary>
    public static decimal Change(IReadOnlyList<Record> records, CatalogField measure)
    {
        var (first, last) = (records[0].Number(measure) ?? 0, records[^1].Number(measure) ?? 0);
        return first == 0 ? Math.Sign(last) : (last - first) / Math.Abs(first);
    }

    public const string Steady = "stayed";

    public static string Direction(decimal share) => share >= Flat ? "rose" : share <= -Flat ? "fell" : Steady;
}
