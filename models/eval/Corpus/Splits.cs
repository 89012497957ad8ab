using System.Text.Json;

namespace Sutra.Models.Eval.Corpus;

/// <summary>Reads <c>splits.json</c>: a name, and the ids of the sources that training on that split leaves out.</summary>
internal static class Splits
{
    /// <summary>The sources that weights are tuned on, whatever the split; training sees them.</summary>
    public const string Tuning = "dev";

    /// <summary>Terms and glosses: there a query may be a single word.</summary>
    public const string Dictionary = "dictionary";

    /// <exception cref="InvalidDataException">The file is not such a list, or lacks the split.</exception>
    public static IReadOnlyList<string> Read(string path, string split)
    {
        try
        {
            var splits = JsonSerializer.Deserialize<Dictionary<string, string[]>>(File.ReadAllBytes(path)) ?? [];
            return splits.TryGetValue(split, out var sources) && sources.Length > 0
                ? sources
                : throw new InvalidDataException($"{path} has no split '{split}'; it has: {string.Join(", ", splits.Keys)}.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not an object of lists of source ids: {e.Message}", e);
        }
    }
}
