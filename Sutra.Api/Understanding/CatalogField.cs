using System.Collections.Frozen;
using Sutra.Api.Querying;

namespace Sutra.Api.Understanding;

internal enum CatalogFieldKind
{
    /// <summary>Texts, of which there are few enough to know them all.</summary>
    Category,

    /// <summary>Texts, too many to know.</summary>
    Text,
    Number,
    Time,
}

/// <summary>A metadata field as questions speak of it.</summary>
/// <param name="Values">All of them, of a category.</param>
internal sealed record CatalogField(string Name, CatalogFieldKind Kind, long Concepts, long Distinct, IReadOnlyList<string> Values)
{
    private readonly string[] _parts = [.. PartsOf(Name)];

    /// <summary>The words of its name, in lower case.</summary>
    public IReadOnlyList<string> Parts => _parts;

    /// <summary>The senses of the words of its name, and their stems.</summary>
    public FrozenSet<string> Senses { get; } =
        PartsOf(Name).SelectMany(part => Lexicon.SensesOf(part).Append(part).Append(Stemmer.Stem(part))).ToFrozenSet(StringComparer.Ordinal);

    public FrozenSet<string> Stems { get; } = PartsOf(Name).Select(Stemmer.Stem).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Stems of the words that stand beside its values in texts, with how sure that is, 0..1.</summary>
    public IReadOnlyDictionary<string, double> Context { get; init; } = FrozenDictionary<string, double>.Empty;

    /// <summary>How texts call it, else its name in words.</summary>
    public string Label { get; init; } = string.Join(' ', PartsOf(Name));

    /// <summary>The word that follows its values in texts, such as a currency.</summary>
    public string? Unit { get; init; }

    /// <summary>Its values are counts: there are no fractions.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Where texts mention it first, on average: what stands first is what a record is about. Infinite when they do not.</summary>
    public double Place { get; init; } = double.PositiveInfinity;

    public DateOnly? Oldest { get; init; }

    public DateOnly? Newest { get; init; }

    /// <summary>How much a word of a question speaks of it, 0..1.</summary>
    /// <param name="word">In lower case.</param>
    public double Speaks(string word, string stem)
    {
        if (Stems.Contains(stem) || Array.IndexOf(_parts, word) >= 0)
        {
            return 1;
        }

        var cue = Lexicon.CueOf(word);
        var senses = Lexicon.SensesOf(word);
        var best = senses.Any(Senses.Contains) ? 0.8 : 0;
        if ((cue & (Cue.Maximum | Cue.Minimum)) != 0)
        {
            // "The highest close" is a close, but "the highest" is a high; "the cheapest" is a price, and a low one.
            var isSide = Senses.Contains(cue.HasFlag(Cue.Maximum) ? "high" : "low");
            return Math.Min(1, (IsPlain(senses) ? 0 : best) + (isSide ? 0.5 : 0));
        }

        best = Math.Max(best, Context.GetValueOrDefault(stem));
        return Math.Max(best, senses.Max(sense => (double?)Context.GetValueOrDefault(Stemmer.Stem(sense))) * 0.7 ?? 0);
    }

    /// <summary>A superlative that says nothing but that it is one.</summary>
    private static bool IsPlain(IReadOnlyList<string> senses) => senses.All(sense => sense is "high" or "low");

    /// <summary>priceHigh, price_high, "Price high" → price, high.</summary>
    private static IEnumerable<string> PartsOf(string name)
    {
        var start = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            var ends = i == name.Length || !char.IsLetterOrDigit(name[i]);
            if (ends || (i > start && char.IsUpper(name[i]) && char.IsLower(name[i - 1])))
            {
                if (i > start)
                {
                    yield return name[start..i].ToLowerInvariant();
                }

                start = ends ? i + 1 : i;
            }
        }
    }
}
