using Sutra.Api.Understanding;
using Sutra.Contracts.Api;

namespace Sutra.Api.Planning;

/// <summary>What a category of the named records is: the ticker of a company, the company of a ticker.</summary>
internal static class TextLookup
{
    private const int MaxValues = 5;

    /// <param name="records">At least one.</param>
    public static PlannedAnswer Answer(PlanContext context, IReadOnlyList<Record> records)
    {
        var wanted = context.Question.Wanted!;
        var mention = context.Question.Mentions.FirstOrDefault(mention => !ReferenceEquals(mention.Field, wanted));
        var found = records.Where(record => record[wanted] is { Length: > 0 }).GroupBy(record => record[wanted]!, StringComparer.Ordinal).ToList();
        if (found.Count is 0 or > MaxValues || mention is null)
        {
            return new PlannedAnswer(PlanKinds.Lookup, null, found.Count > MaxValues ? $"There are too many different values of {wanted.Label} to name them." : $"The records do not say the {wanted.Label}.", []);
        }

        var writer = new AnswerWriter().Add($"The {wanted.Label} of {mention.Value} is ");
        for (var i = 0; i < found.Count; i++)
        {
            writer.Add(i == 0 ? "" : i == found.Count - 1 ? " or " : ", ").AddProven(found[i].Key, found[i].First(), wanted);
        }

        return new PlannedAnswer(PlanKinds.Lookup, writer.Add(".").ToString(), null, [.. found.Select(group => group.First().Concept)])
        {
            Citations = writer.Citations,
            Values = [.. found.Select(group => new AnswerValue(wanted.Name, group.Key, group.First().Concept.Id))],
            Choices = found.Count - 1,
        };
    }
}
