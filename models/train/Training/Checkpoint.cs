using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Training;

/// <summary>
/// Where training stands, in a file beside the model to be, so that a run that was cut off goes on where it was. The file belongs to one
/// recipe and corpus; that of another is ignored.
/// </summary>
/// <remarks>Layout: 8 bytes magic, 32 bytes fingerprint, int32 steps done, then values, first and second moments as float32.</remarks>
public sealed class Checkpoint
{
    private static readonly byte[] Magic = "SUTRACK1"u8.ToArray();

    private readonly string _path;
    private readonly byte[] _fingerprint;

    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="initial">The vectors that training starts with.</param>
    public Checkpoint(string path, TrainingOptions options, EmbeddingTable initial, IReadOnlyList<EncodedPair> pairs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(options with { Threads = 1 }));
        hash.AppendData(MemoryMarshal.AsBytes(initial.Values.AsSpan()));
        foreach (var pair in pairs)
        {
            hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>([pair.Source, pair.Anchor.Length, pair.Positive.Length])));
            hash.AppendData(MemoryMarshal.AsBytes(pair.Anchor.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(pair.Positive.AsSpan()));
        }

        _path = path;
        _fingerprint = hash.GetHashAndReset();
    }

    /// <summary>How often training saves; default every minute.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <returns>Steps done; 0 when there is nothing of this run to go on from, and then nothing was changed.</returns>
    internal int Load(EmbeddingTable table, LazyAdam adam)
    {
        if (!File.Exists(_path))
        {
            return 0;
        }

        using var file = File.OpenRead(_path);
        var head = new byte[Magic.Length + _fingerprint.Length + sizeof(int)];
        var expected = head.Length + (3L * sizeof(float) * table.Values.Length);
        if (file.Length != expected || file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length
            || !head.AsSpan(0, Magic.Length).SequenceEqual(Magic) || !head.AsSpan(Magic.Length, _fingerprint.Length).SequenceEqual(_fingerprint))
        {
            return 0;
        }

        foreach (var part in new[] { table.Values, adam.First, adam.Second })
        {
            file.ReadExactly(MemoryMarshal.AsBytes(part.AsSpan()));
        }

        return BitConverter.ToInt32(head, Magic.Length + _fingerprint.Length);
    }

    /// <summary>Replaces the file as a whole: whoever pulls the plug finds the last state or this one.</summary>
    internal void Save(int stepsDone, EmbeddingTable table, LazyAdam adam)
    {
        var aside = Aside(_path);
        using (var file = File.Create(aside))
        {
            file.Write([.. Magic, .. _fingerprint, .. BitConverter.GetBytes(stepsDone)]);
            foreach (var part in new[] { table.Values, adam.First, adam.Second })
            {
                file.Write(MemoryMarshal.AsBytes(part.AsSpan()));
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(aside, _path, overwrite: true);
    }

    /// <summary>Call when the model is written; also where there may be a file of a run that was given up.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(Aside(path));
    }

    private static string Aside(string path) => path + ".new";
}
