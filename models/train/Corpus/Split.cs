using System.Text.Json;

namespace Sutra.Models.Train.Corpus;

/// <summary>Sources that are kept from training to measure with, by the split's name: <c>{"docs": ["source id", …], …}</c>.</summary>
public static class Split
{
    /// <returns>The source ids of split <paramref name="name"/>.</returns>
    /// <exception cref="InvalidDataException">The file is no such JSON, or has no such split.</exception>
    public static IReadOnlyList<string> Read(string path, string name)
    {
        Dictionary<string, string[]>? splits;
        try
        {
            splits = JsonSerializer.Deserialize<Dictionary<string, string[]>>(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is no JSON object of lists of source ids: {e.Message}", e);
        }

        return splits?.GetValueOrDefault(name)
            ?? throw new InvalidDataException($"{path} has no split \"{name}\"; it has {string.Join(", ", splits?.Keys ?? Enumerable.Empty<string>())}.");
    }
}
