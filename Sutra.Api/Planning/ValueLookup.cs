using Sutra.Api.Understanding;
using Sutra.Contracts.Api;

namespace Sutra.Api.Planning;

/// <summary>One value of one record.</summary>
internal static class ValueLookup
{
    private const Cue Latest = Cue.Latest;

    /// <param name="records">At least one, by time.</param>
    public static PlannedAnswer Answer(PlanContext context, IReadOnlyList<Record> records)
    {
        var question = context.Question;
        if (context.Subjects.Count == 0 && context.Subject is { } subject && records.Select(record => record[subject]).Distinct(StringComparer.Ordinal).Skip(1).Any())
        {
            return new PlannedAnswer(
                PlanKinds.Lookup, null, $"The question does not say which {context.Subject.Label}: {records.Count} records{context.When()} could be meant.", []);
        }

        var choices = context.IsMeasureChosen ? 1 : 0;
        if (records.Count == 1)
        {
            return Of(context, records[0], choices + (question.Times.Count == 0 ? 1 : 0));
        }

        if (question.Edge != 0 || question.Has(Latest | Cue.Earliest))
        {
            return Of(context, question.Edge < 0 || question.Has(Cue.Earliest) ? records[0] : records[^1], choices);
        }

        if (question.Times.Count == 0)
        {
            // What is asked without a time is asked of now.
            return Of(context, records[^1], choices + 1);
        }

        if (context.IsOneDay)
        {
            return Of(context, records[^1], choices + 1);
        }

        // A time of many records: what the field says by its name is what is meant of them together.
        var senses = context.Measure.Senses;
        return senses.Contains("high") || senses.Contains("low") ? Aggregate.Extreme(context, records, senses.Contains("high"), PlanKinds.Extreme)
            : senses.Contains("open") ? Of(context, records[0], choices + 1)
            : senses.Contains("close") ? Of(context, records[^1], choices + 1)
            : Aggregate.Answer(context, records, PlanKinds.Aggregate);
    }

    private static PlannedAnswer Of(PlanContext context, Record record, int choices)
    {
        var measure = context.Measure;
        var day = context.DayOf(record);
        var writer = new AnswerWriter().Add($"The {measure.Label}{context.Of(record)}{(day.Length > 0 ? $" on {day}" : "")} was ").AddValue(record, measure).Add(".");
        return new PlannedAnswer(PlanKinds.Lookup, writer.ToString(), null, [record.Concept])
        {
            Citations = writer.Citations,
            Values = [new AnswerValue(measure.Name, record[measure] ?? "", record.Concept.Id)],
            Choices = choices,
        };
    }
}
