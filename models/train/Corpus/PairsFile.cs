using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Sutra.Models.Train.Corpus;

/// <summary>
/// A UTF-8 file of lines <c>anchor&lt;TAB&gt;positive</c>, gzip-compressed when its name ends in <c>.gz</c>; and, if wanted, a second file that
/// names the source of each line, by which sources can be left out.
/// </summary>
/// <param name="sourcesPath">One source id a line, in the same order; null = not known, and then nothing can be left out.</param>
/// <param name="excluded">Ids of sources whose pairs are skipped.</param>
public sealed class PairsFile(string path, string? sourcesPath = null, IReadOnlySet<string>? excluded = null)
{
    private const int ChunkLines = 4096;

    public string Path { get; } = path;

    /// <summary>The pairs in the file's order, in chunks that threads can share out.</summary>
    /// <param name="limit">At most so many pairs, after those left out; 0 = all.</param>
    /// <exception cref="InvalidDataException">A line has no tab, the two files have different numbers of lines, or a source to leave out is not there.</exception>
    public IEnumerable<PairsChunk> ReadChunks(int limit = 0)
    {
        using var reader = OpenText(Path);
        using var sources = sourcesPath is null ? null : OpenText(sourcesPath);
        var numbers = new Dictionary<string, ushort>(StringComparer.Ordinal);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var pairs = new List<TextPair>(ChunkLines);
        long number = 0;
        long kept = 0;
        var chunk = 0;
        while (reader.ReadLine() is { } line && (limit == 0 || kept < limit))
        {
            number++;
            var source = (ushort)0;
            if (sources is not null)
            {
                var id = sources.ReadLine() ?? throw new InvalidDataException($"{sourcesPath} ends before line {number} of {Path}.");
                if (excluded?.Contains(id) == true)
                {
                    found.Add(id);
                    continue;
                }

                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, id, out var exists);
                known = exists ? known : checked((ushort)(numbers.Count - 1));
                source = known;
            }

            kept++;
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab < 0)
            {
                throw new InvalidDataException($"{Path}, line {number}: no tab between anchor and positive.");
            }

            pairs.Add(new TextPair(line[..tab], line[(tab + 1)..], source));
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

        if (limit == 0)
        {
            CheckSources(sources, numbers.Keys, found);
        }
    }

    /// <summary>Opens a UTF-8 file to read its lines, decompressing it when its name ends in <c>.gz</c>.</summary>
    public static StreamReader OpenText(string path)
    {
        Stream stream = File.OpenRead(path);
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            stream = new GZipStream(stream, CompressionMode.Decompress);
        }

        return new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
    }

    private void CheckSources(StreamReader? sources, IEnumerable<string> kept, HashSet<string> found)
    {
        if (sources?.ReadLine() is not null)
        {
            throw new InvalidDataException($"{sourcesPath} has more lines than {Path}: which source a pair is from is not certain.");
        }

        if (excluded?.Except(found, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new InvalidDataException($"{sourcesPath} has no source \"{unknown}\" to leave out; it has {string.Join(", ", kept.Take(5))}, …");
        }
    }
}

/// <summary>Neighbouring pairs of a file.</summary>
/// <param name="Index">Place among the chunks, from 0.</param>
public sealed record PairsChunk(int Index, IReadOnlyList<TextPair> Pairs);
