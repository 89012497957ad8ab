using System.IO.Compression;
using System.Text;

namespace Sutra.Models.Train.Corpus;

/// <summary>A UTF-8 file of lines <c>anchor&lt;TAB&gt;positive</c>, gzip-compressed when its name ends in <c>.gz</c>.</summary>
public sealed class PairsFile(string path)
{
    private const int ChunkLines = 4096;

    public string Path { get; } = path;

    /// <summary>The pairs in the file's order, in chunks that threads can share out.</summary>
    /// <param name="limit">At most so many pairs; 0 = all.</param>
    /// <exception cref="InvalidDataException">A line has no tab.</exception>
    public IEnumerable<PairsChunk> ReadChunks(int limit = 0)
    {
        using var reader = Open();
        var pairs = new List<TextPair>(ChunkLines);
        long number = 0;
        var chunk = 0;
        while (reader.ReadLine() is { } line && (limit == 0 || number < limit))
        {
            number++;
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab < 0)
            {
                throw new InvalidDataException($"{Path}, line {number}: no tab between anchor and positive.");
            }

            pairs.Add(new TextPair(line[..tab], line[(tab + 1)..]));
            if (pairs.Count == ChunkLines)
            {
                yield return new PairsChunk(chunk++, pairs);
                pairs = new List<TextPair>(ChunkLines);
            }
        }

        if (pairs.Count > 0)
        {
            yield return new PairsChunk(chunk, pairs);
        }
    }

    private StreamReader Open()
    {
        Stream stream = File.OpenRead(Path);
        if (Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            stream = new GZipStream(stream, CompressionMode.Decompress);
        }

        return new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
    }
}

/// <summary>Neighbouring pairs of a file.</summary>
/// <param name="Index">Place among the chunks, from 0.</param>
public sealed record PairsChunk(int Index, IReadOnlyList<TextPair> Pairs);
