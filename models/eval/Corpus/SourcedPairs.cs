using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Eval.Corpus;

/// <summary>Pairs with the source that each is from.</summary>
/// <param name="Sources">One id per pair.</param>
internal sealed record SourcedChunk(IReadOnlyList<TextPair> Pairs, IReadOnlyList<string> Sources);

/// <summary>A pairs file together with the file of its source ids, read side by side.</summary>
internal sealed class SourcedPairs(string pairsPath, string sourcesPath)
{
    /// <exception cref="InvalidDataException">The files do not have equally many lines.</exception>
    public IEnumerable<SourcedChunk> ReadChunks()
    {
        using var sources = PairsFile.OpenText(sourcesPath);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var chunk in new PairsFile(pairsPath).ReadChunks())
        {
            var ids = new string[chunk.Pairs.Count];
            for (var i = 0; i < ids.Length; i++)
            {
                var line = sources.ReadLine() ?? throw new InvalidDataException($"{sourcesPath} has fewer lines than {pairsPath}.");
                ids[i] = known.TryGetValue(line, out var id) ? id : known[line] = line;
            }

            yield return new SourcedChunk(chunk.Pairs, ids);
        }

        if (sources.ReadLine() is not null)
        {
            throw new InvalidDataException($"{sourcesPath} has more lines than {pairsPath}.");
        }
    }
}
