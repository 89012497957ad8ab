using System.Text;
using Microsoft.Extensions.Logging;
using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Masters;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Storage.Files;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

/// <summary>Rings on a simulated disk, locked with keys of one repeated byte.</summary>
internal static class RingHarness
{
    public const string Folder = "/data/keys";
    public const string Ring = "/data/keys/ring";

    public static ReadOnlySpan<byte> Place => "log 7, record 42"u8;

    public static byte[] KeyBytes(byte value) => Enumerable.Repeat(value, MasterKeySet.KeySize).ToArray();

    public static MasterKeySet Master(byte current, params byte[] older)
    {
        var keys = new MasterKeySet(KeyBytes(current));
        foreach (var key in older)
        {
            keys.WithOlder(KeyBytes(key));
        }

        return keys;
    }

    public static KeyRing Open(IFileSystem disk, byte master = 1, bool mayCreate = true, ILogger? logger = null)
    {
        using var masters = Master(master);
        return KeyRing.Open(disk, Folder, masters, mayCreate, logger);
    }

    public static byte[] Seal(this KeyRing ring, ulong keyId, string text)
    {
        var plaintext = Encoding.UTF8.GetBytes(text);
        var record = new byte[SealedRecord.SealedLength(plaintext.Length)];
        Assert.AreEqual(record.Length, ring.Seal(keyId, plaintext, Place, record));
        return record;
    }

    public static OpenResult TryOpen(this KeyRing ring, byte[] record, out string text)
    {
        var plaintext = new byte[Math.Max(0, record.Length - SealedRecord.Overhead)];
        var result = ring.TryOpen(record, Place, plaintext, out var written);
        text = Encoding.UTF8.GetString(plaintext, 0, written);
        return result;
    }

    public static void AssertOpens(this KeyRing ring, byte[] record, string text, string because = "")
    {
        Assert.AreEqual(OpenResult.Opened, ring.TryOpen(record, out var opened), because);
        Assert.AreEqual(text, opened, because);
    }

    /// <summary>
    /// Runs <paramref name="act"/> on copies of a disk, with the power going at its first file operation, its second, and so on until it
    /// comes through; hands what the cut left to <paramref name="check"/> with whether the act had been acknowledged.
    /// </summary>
    public static int CutEverywhere(SimulatedDisk start, Action<SimulatedDisk> act, Action<SimulatedDisk, bool, string> check, int seeds = 12)
    {
        for (var operations = 0; ; operations++)
        {
            var acknowledged = false;
            for (var seed = 0; seed < seeds; seed++)
            {
                var disk = start.Kill();
                var left = operations;
                disk.Fault = (_, _) =>
                {
                    if (left-- <= 0)
                    {
                        throw new IOException("the power is gone");
                    }
                };
                try
                {
                    act(disk);
                    acknowledged = true;
                }
                catch (Exception e) when (e is IOException or KeyRingException)
                {
                    // The cut.
                }

                check(seed == 0 ? disk.Kill() : disk.Crash(new Random(seed)), acknowledged, $"cut at operation {operations}, seed {seed}");
            }

            if (acknowledged)
            {
                return operations;
            }
        }
    }

    /// <summary>All bytes of all files in the ring's folder.</summary>
    public static byte[] AllBytes(SimulatedDisk disk) =>
        [.. disk.ListFiles(Folder).SelectMany(name => disk.Read(Path.Combine(Folder, name)))];
}

internal sealed class LineLogger : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (Lines)
        {
            Lines.Add(formatter(state, exception));
        }
    }
}
