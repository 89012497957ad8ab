using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Extraction;

/// <summary>
/// Pairs on their way to the file. Boilerplate is known, and a shuffle possible, only at the end: the texts wait in a temporary
/// file beside the output, memory holds some 60 bytes a pair.
/// </summary>
internal sealed class PairSpool : IDisposable
{
    private const int Buffer = 1 << 16;

    private readonly FileStream _file;
    private readonly List<Entry> _entries = [];
    private readonly HashSet<ulong> _seen = [];
    private readonly Dictionary<ulong, (int LastFile, int Files)> _positives = [];

    public PairSpool(string outputPath)
    {
        _file = new FileStream(outputPath + ".spool", new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = Buffer,
            Options = FileOptions.DeleteOnClose,
        });
    }

    /// <param name="page">The number of the page that the pair is from; null = a row of data, which is never boilerplate.</param>
    /// <returns>False for a pair that is there already.</returns>
    public bool Add(TextPair pair, string source, int? page)
    {
        var positive = page is null ? 0 : Hash(pair.Positive);
        if (page is { } number)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_positives, positive, out var known);
            count = (number, !known ? 1 : count.LastFile == number ? count.Files : count.Files + 1);
        }

        var line = $"{pair.Anchor}\t{pair.Positive}\n";
        if (!_seen.Add(Hash(line)))
        {
            return false;
        }

        var bytes = Encoding.UTF8.GetBytes(line);
        _entries.Add(new Entry(_file.Position, bytes.Length, source, positive, page is not null));
        _file.Write(bytes);
        return true;
    }

    /// <summary>Writes what is no boilerplate; both files appear whole or not at all.</summary>
    /// <returns>Pairs written, pairs left out as boilerplate.</returns>
    public (int Written, int Boilerplate) WriteTo(ExtractOptions options)
    {
        var kept = _entries.Where(e => !IsBoilerplate(e, options.BoilerplateFiles)).ToArray();
        Shuffle(kept, options.Seed);
        _file.Flush();
        Write(options.OutputPath, output =>
        {
            var line = Array.Empty<byte>();
            foreach (var entry in kept)
            {
                line = line.Length >= entry.Length ? line : new byte[entry.Length * 2];
                var span = line.AsSpan(0, entry.Length);
                _file.Position = entry.Offset;
                _file.ReadExactly(span);
                output.Write(span);
            }
        });
        if (options.SourceNamesPath is { } sources)
        {
            Write(sources, output =>
            {
                foreach (var entry in kept)
                {
                    output.Write(Encoding.UTF8.GetBytes(entry.Source + "\n"));
                }
            });
        }

        return (kept.Length, _entries.Count - kept.Length);
    }

    public void Dispose() => _file.Dispose();

    private bool IsBoilerplate(Entry entry, int files) => files > 0 && entry.OfPage && _positives[entry.Positive].Files >= files;

    private static void Shuffle(Entry[] entries, ulong? seed)
    {
        if (seed is { } number)
        {
            var random = new GaussianSource(number);
            for (var i = entries.Length - 1; i > 0; i--)
            {
                var other = random.NextInt(i + 1);
                (entries[i], entries[other]) = (entries[other], entries[i]);
            }
        }
    }

    private static void Write(string path, Action<Stream> write)
    {
        var unfinished = path + ".new";
        try
        {
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, Buffer))
            using (var output = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
                ? new BufferedStream(new GZipStream(file, CompressionLevel.Optimal), Buffer)
                : (Stream)file)
            {
                write(output);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static ulong Hash(string text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(long Offset, int Length, string Source, ulong Positive, bool OfPage);
}
