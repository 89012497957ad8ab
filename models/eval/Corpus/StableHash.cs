namespace Sutra.Models.Eval.Corpus;

/// <summary>64 bits of a text, the same on every machine and in every run. Sampling takes the smallest hashes: no order of a file has a say.</summary>
internal static class StableHash
{
    public static ulong Of(ReadOnlySpan<char> text, ulong seed = 0)
    {
        // FNV-1a, then SplitMix64's finish: FNV alone leaves the low bits of short texts alike.
        var hash = 0xCBF29CE484222325 ^ Mix(seed);
        foreach (var c in text)
        {
            hash = (hash ^ c) * 0x100000001B3;
        }

        return Mix(hash);
    }

    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>In an order that only the seed and the texts decide.</summary>
    public static IEnumerable<string> Shuffle(IEnumerable<string> texts, ulong seed) =>
        texts.Select(text => (Hash: Of(text, seed), Text: text))
            .OrderBy(t => t.Hash).ThenBy(t => t.Text, StringComparer.Ordinal)
            .Select(t => t.Text);
}
