using System.Globalization;
using Sutra.Api.Understanding;
using Sutra.Contracts.Api;

namespace Sutra.Api.Planning;

/// <summary>Which of two or more has more, or one of them at two times.</summary>
internal static class Comparison
{
    /// <param name="records">At least one, by time.</param>
    public static PlannedAnswer Answer(PlanContext context, IReadOnlyList<Record> records)
    {
        var question = context.Question;
        var bySubject = context.Subjects.Count > 1;
        var items = bySubject
            ? context.Subjects.Select(subject => (Name: subject, When: "", Records: (IReadOnlyList<Record>)[.. records.Where(record => string.Equals(record[context.Subject!], subject, StringComparison.Ordinal))])).ToList()
            : [.. question.Times.Select(time => (Name: context.Subjects[0], When: $" {time.InWords()}", Records: (IReadOnlyList<Record>)[.. records.Where(record => record.IsDuring(time))]))];
        if (items.FirstOrDefault(item => item.Records.Count == 0) is { Name: not null } missing)
        {
            return new PlannedAnswer(PlanKinds.Comparison, null, $"There is no record of {missing.Name}{missing.When}{(bySubject ? context.When() : "")}.", []);
        }

        var isLess = question.Has(Cue.Less | Cue.Minimum) && !question.Has(Cue.More | Cue.Maximum);
        var measure = context.Measure;
        var moves = question.Has(Cue.Rise | Cue.Fall | Cue.Change) && items.All(item => item.Records.Count > 1);
        var (how, choices) = How(context, items.Max(item => item.Records.Count), measure, moves);
        isLess |= moves && question.Has(Cue.Fall) && !question.Has(Cue.Rise);
        var values = items.Select(item => Value(item.Records, measure, how)).ToList();
        var winner = Winner(values, isLess);
        var writer = new AnswerWriter();
        var lead = Lead(question, items.Count, winner);
        writer.Add(lead);
        if (winner < 0)
        {
            writer.Add($"{(lead.Length > 0 ? "they" : "They")} were the same: ");
        }
        else
        {
            writer.Add($"{items[winner].Name}{items[winner].When} {(isLess ? how.Less : how.More)}{(bySubject ? context.When() : "")}: ");
        }

        for (var i = 0; i < items.Count; i++)
        {
            var (name, when, own) = items[i];
            writer.Add(i == 0 ? "" : i == items.Count - 1 ? " and " : ", ").Add($"{Says(how.Name, measure)} of {name}{when} was ");
            if (values[i].Record is { } one)
            {
                writer.AddValue(one, measure).Add(own.Count > 1 ? $" on {context.DayOf(one)}" : "");
            }
            else if (how.Name == Changes)
            {
                writer.Add(string.Create(CultureInfo.InvariantCulture, $"{values[i].Number * 100:+0.00;-0.00;0.00} % (from ")).AddValue(own[0], measure).Add(" to ").AddValue(own[^1], measure).Add(")");
            }
            else
            {
                writer.AddNumber(values[i].Number, measure);
            }
        }

        if (winner >= 0 && items.Count == 2 && how.Name != Changes)
        {
            writer.Add(", a difference of ").AddNumber(Math.Abs(values[0].Number - values[1].Number), measure);
        }

        var proof = items.SelectMany((item, i) => values[i].Record is { } one ? [one] : new[] { item.Records[0], item.Records[^1] }).DistinctBy(record => record.Concept.Id).ToList();
        if (winner > 0)
        {
            proof = [.. proof.Where(items[winner].Records.Contains), .. proof.Where(record => !items[winner].Records.Contains(record))];
        }

        return new PlannedAnswer(PlanKinds.Comparison, writer.Add(".").ToString(), null, [.. proof.Select(record => record.Concept)])
        {
            Citations = writer.Citations,
            Values =
            [
                new AnswerValue("winner", winner < 0 ? "" : bySubject ? items[winner].Name : items[winner].When.Trim()),
                .. items.Select((item, i) => new AnswerValue(
                    $"{how.Name}({measure.Name}) {(bySubject ? item.Name : item.When.Trim())}", values[i].Record?[measure] ?? Text(values[i].Number, how, measure), values[i].Record?.Concept.Id)),
            ],
            Choices = choices + Aggregate.Chosen(context),
        };
    }

    private const string Changes = "change";

    private static string Text(decimal number, Combination how, CatalogField measure) =>
        how.Name == Changes ? string.Create(CultureInfo.InvariantCulture, $"{number * 100:F2} %") : AnswerWriter.Number(number, measure);

    private static (Combination How, int Choices) How(PlanContext context, int most, CatalogField measure, bool moves)
    {
        var question = context.Question;
        var label = measure.Label;
        return moves ? (new Combination(Changes, $"did better, by its {label},", $"did worse, by its {label},"), 0)
            : most <= 1 ? (new Combination("value", $"had the higher {label}", $"had the lower {label}"), 0)
            : question.Has(Cue.Average) ? (new Combination("average", $"had the higher average {label}", $"had the lower average {label}"), 0)
            : question.Has(Cue.Sum) ? (new Combination("total", $"had the higher total {label}", $"had the lower total {label}"), 0)
            : question.Has(Cue.Maximum) || measure.Senses.Contains("high") ? (new Combination("highest", $"had the higher {label}", $"had the lower {label}"), 0)
            : question.Has(Cue.Minimum) || measure.Senses.Contains("low") ? (new Combination("lowest", $"had the higher {label}", $"had the lower {label}"), 0)
            : measure.IsWhole ? (new Combination("total", $"had the higher total {label}", $"had the lower total {label}"), 1)
            : (new Combination("average", $"had the higher average {label}", $"had the lower average {label}"), 1);
    }

    private static (decimal Number, Record? Record) Value(IReadOnlyList<Record> records, CatalogField measure, Combination how)
    {
        switch (how.Name)
        {
            case Changes:
                return (Trend.Change(records, measure), null);
            case "average" or "total":
                return (Aggregate.Combine(records, measure, how.Name == "total"), null);
            default:
                var record = Aggregate.Best(records, measure, isMaximum: how.Name != "lowest");
                return (record.Number(measure) ?? 0, record);
        }
    }

    private static int Winner(List<(decimal Number, Record? Record)> values, bool isLess)
    {
        var best = isLess ? values.Min(value => value.Number) : values.Max(value => value.Number);
        return values.Count(value => value.Number == best) > 1 ? -1 : values.FindIndex(value => value.Number == best);
    }

    /// <summary>A yes or no, where the question is whether the first one has more, or less, than the second.</summary>
    private static string Lead(Question question, int items, int winner) =>
        question.IsYesNo && items == 2 && question.Has(Cue.More | Cue.Less) && !question.Tokens.Any(token => token.Text is "or") ? winner == 0 ? "Yes: " : "No: " : "";

    private static string Says(string how, CatalogField measure) => how switch
    {
        "value" => $"the {measure.Label}",
        Changes => $"the change of the {measure.Label}",
        "highest" => $"the {Aggregate.Superlative(measure, isMaximum: true)}",
        "lowest" => $"the {Aggregate.Superlative(measure, isMaximum: false)}",
        _ => $"the {how} {measure.Label}",
    };

    /// <param name="Name">What is compared.</param>
    /// <param name="More">What is said of who has more of it.</param>
    private sealed record Combination(string Name, string More, string Less);
}
