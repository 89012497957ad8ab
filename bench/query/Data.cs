using System.Globalization;
using Sutra.Examples.Finance;

namespace Sutra.Bench.Query;

internal sealed record Concept(string Content, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A question, and which kind of work it is: what is computed over metadata, and what is found by vector and words.</summary>
internal sealed record Question(string Kind, string Text);

/// <summary>The finance example's five years of prices, and notes to fill up with. By seed: the same on every machine.</summary>
internal static class Data
{
    private const int Seed = 7;
    private const int Notes = 50_000;

    private static readonly string[] s_subjects = ["harbour", "warehouse", "ferry", "lighthouse", "market", "orchard", "quarry", "printing house", "observatory", "mill", "library", "railway"];
    private static readonly string[] s_events = ["was repaired", "reported a delay", "received a delivery", "changed its opening hours", "hired a keeper", "was inspected", "lost a shipment", "signed a lease"];
    private static readonly string[] s_things = ["copper wire", "tea", "timber", "winter coats", "glass lenses", "flour", "clock parts", "sailcloth", "paper", "coal", "salt", "apples"];
    private static readonly string[] s_places = ["Norvik", "Tessaly", "Port Amber", "Halmgate", "Low Brannoch", "Sevenoaks Reach", "Quayle", "Ostermoor"];

    public static IEnumerable<Concept> Concepts(int count) =>
        MarketGenerator.GenerateLarge().Select(row => new Concept(OhlcvConcept.Content(row), OhlcvConcept.Metadata(row)))
            .Concat(Enumerable.Range(0, int.MaxValue).Select(Note))
            .Take(count);

    /// <summary>Half of each kind, in turns.</summary>
    public static IReadOnlyList<Question> Questions(int count)
    {
        IReadOnlyList<OhlcvRow> rows = [.. MarketGenerator.GenerateLarge()];
        var finance = FinanceQuestions.Generate(rows, Seed, count);
        return [.. Enumerable.Range(0, count).Select(i => i % 2 == 0 ? new Question("computed", finance[i / 2].Text) : About(i))];
    }

    private static Concept Note(int number)
    {
        var random = new Random(number);
        var (subject, happened, thing, place) = Parts(random);
        return new Concept(
            $"The {subject} of {place} {happened} in week {number % 52 + 1}, note {number}: {random.Next(2, 90)} crates of {thing} were counted.",
            new Dictionary<string, string> { ["place"] = place, ["note"] = number.ToString(CultureInfo.InvariantCulture) });
    }

    // Of a note that is there, in other words than its own.
    private static Question About(int number)
    {
        var note = number * 613 % Notes;
        var (subject, _, thing, place) = Parts(new Random(note));
        return new Question("found", $"How many crates of {thing} did the {subject} in {place} have according to note {note}?");
    }

    private static (string Subject, string Event, string Thing, string Place) Parts(Random random) =>
        (s_subjects[random.Next(s_subjects.Length)], s_events[random.Next(s_events.Length)], s_things[random.Next(s_things.Length)], s_places[random.Next(s_places.Length)]);
}
