using System.Globalization;
using System.Text.RegularExpressions;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;

namespace Sutra.Tests.Storage.Filtering;

/// <summary>What filters mean, written down plainly; and concepts and filters drawn from a seed to compare by.</summary>
internal static partial class FilterOracle
{
    private static readonly string[] s_keys = ["source", "year", "day", "n", "rare", "$odd", "ключ"];

    public static bool Matches(Filter filter, Concept concept) => filter switch
    {
        AndFilter and => and.Filters.All(each => Matches(each, concept)),
        OrFilter or => or.Filters.Any(each => Matches(each, concept)),
        NotFilter not => !Matches(not.Filter, concept),
        EqualFilter equal => Value(concept, equal.Field) is { } value && Same(equal.Field, value, equal.Value),
        InFilter any => Value(concept, any.Field) is { } value && any.Values.Any(each => Same(any.Field, value, each)),
        ExistsFilter exists => Value(concept, exists.Field) is not null,
        PrefixFilter prefix => Value(concept, prefix.Field)?.StartsWith(prefix.Value, StringComparison.Ordinal) == true,
        RangeFilter range => Value(concept, range.Field) is { } value
            && Bound(value, range.Gt, order => order > 0) && Bound(value, range.Gte, order => order >= 0)
            && Bound(value, range.Lt, order => order < 0) && Bound(value, range.Lte, order => order <= 0),
        _ => throw new ArgumentException("unknown", nameof(filter)),
    };

    public static Dictionary<string, string> Metadata(Random random, int number)
    {
        var metadata = new Dictionary<string, string> { ["n"] = $"{number}" };
        Sometimes(0.9, "source", () => $"source {random.Next(4)}");
        Sometimes(0.7, "year", () => random.Next(8) == 0 ? "unknown" : $"{1990 + random.Next(40)}{(random.Next(6) == 0 ? ".0" : "")}");
        Sometimes(0.7, "day", () => new DateTime(2026, 1, 1).AddHours(random.Next(4000)).ToString(random.Next(2) == 0 ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss'Z'"));
        Sometimes(0.02, "rare", () => random.Next(3) == 0 ? "" : $"r{random.Next(3)}");
        Sometimes(0.3, "$odd", () => $"{random.NextDouble() * 10:0.00}");
        Sometimes(0.5, "ключ", () => new string((char)('а' + random.Next(3)), random.Next(1, 4)));
        return metadata;

        void Sometimes(double share, string key, Func<string> value)
        {
            if (random.NextDouble() < share)
            {
                metadata[key] = value();
            }
        }
    }

    public static Filter Filter(Random random, IReadOnlyList<Concept> concepts, int depth = 3)
    {
        if (depth > 0 && random.Next(2) == 0)
        {
            var children = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Filter(random, concepts, depth - 1)).ToArray();
            return random.Next(3) switch
            {
                0 => Sutra.Storage.Filtering.Filter.And(children),
                1 => Sutra.Storage.Filtering.Filter.Or(children),
                _ => Sutra.Storage.Filtering.Filter.Not(children[0]),
            };
        }

        var concept = concepts[random.Next(concepts.Count)];
        var field = random.Next(10) switch { 0 => "$id", 1 => "$model", 2 => "$learned_at", 3 => "$owner", _ => s_keys[random.Next(s_keys.Length)] is var key && key[0] == '$' ? "$" + key : key };
        var value = Value(concept, field) ?? "2000";
        return random.Next(5) switch
        {
            0 => new EqualFilter(field, value),
            1 => new InFilter(field, [value, Value(concepts[random.Next(concepts.Count)], field) ?? value]),
            2 => new ExistsFilter(field),
            3 when field != "$learned_at" => new PrefixFilter(field, value.Length < 2 ? value + "1" : value[..random.Next(1, value.Length)]),
            _ => Range(random, field is "$id" or "$model" or "$owner" ? "year" : field, value),
        };
    }

    private static RangeFilter Range(Random random, string field, string value)
    {
        var bound = Time(value) is not null || Number(value) is not null ? value : field == "day" ? "2026-03-01" : "2010";
        var range = random.Next(2) == 0 ? new RangeFilter(field) { Gte = bound } : new RangeFilter(field) { Lt = bound };
        return random.Next(3) > 0 ? range
            : Time(bound) is { } time ? range with { Gte = null, Gt = "2026-02-03T04:05:06+01:00", Lt = null, Lte = time.AddDays(30).ToString("O") }
            : range with { Gte = null, Gt = "1e3", Lt = null, Lte = "2020" };
    }

    private static string? Value(Concept concept, string field) => field switch
    {
        "$id" => concept.Id.ToString(),
        "$model" => concept.Model,
        "$owner" => concept.Owner.Length > 0 ? concept.Owner : null,
        "$learned_at" => concept.LearnedAt.ToString("O"),
        _ => concept.Metadata.GetValueOrDefault(field.StartsWith("$$", StringComparison.Ordinal) ? field[1..] : field),
    };

    private static bool Same(string field, string value, string other) => field == "$learned_at" ? Time(value) == Time(other) : value == other;

    private static bool Bound(string value, string? bound, Func<int, bool> holds)
    {
        if (bound is null)
        {
            return true;
        }

        return Time(bound) is { } time
            ? Time(value) is { } moment && holds(moment.CompareTo(time))
            : Number(value) is { } number && holds(number.CompareTo(Number(bound)!.Value));
    }

    private static double? Number(string text) => NumberForm().IsMatch(text) ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private static DateTimeOffset? Time(string text) => TimeForm().IsMatch(text) ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null;

    [GeneratedRegex(@"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")]
    private static partial Regex NumberForm();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d(T.*)?$")]
    private static partial Regex TimeForm();
}
