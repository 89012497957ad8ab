using System.Diagnostics;
using System.Security.Cryptography;
using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Masters;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Storage.Files;
using Sutra.Storage.Segments;

namespace Sutra.Bench.Storage;

/// <summary>What encryption costs: records, sections, and a ring with many subjects. CPU time stands beside wall time.</summary>
internal static unsafe class SealBench
{
    private const int RecordBytes = 2048;

    public static void Run(string folder, int subjects)
    {
        var files = new DiskFileSystem();
        using var masters = new MasterKeySet(RandomNumberGenerator.GetBytes(MasterKeySet.KeySize));
        Records(files, Path.Combine(folder, "records"), masters);
        Sections(files, Path.Combine(folder, "sections"), masters);
        Ring(files, Path.Combine(folder, "ring"), masters, subjects);
    }

    private static void Records(DiskFileSystem files, string folder, MasterKeySet masters)
    {
        using var ring = KeyRing.Open(files, folder, masters);
        var keyId = ring.KeyFor("bench", null);
        var plaintext = RandomNumberGenerator.GetBytes(RecordBytes);
        var record = new byte[SealedRecord.SealedLength(RecordBytes)];
        var place = new byte[32];
        var nonce = new byte[24];
        Repeat("random nonce of 24 bytes", 200_000, () => RandomNumberGenerator.Fill(nonce));
        using (var cipher = new Xaes256Gcm(new byte[32]))
        {
            var derived = new byte[32];
            Repeat("deriving a message's key", 200_000, () => cipher.DeriveKey(nonce.AsSpan(0, 12), derived));
        }

        Repeat("a cipher for that key", 100_000, () => new AesGcm(nonce.AsSpan(0, 16), 16).Dispose());
        Repeat("sealing 2 KiB", 100_000, () => ring.Seal(keyId, plaintext, place, record));
        Repeat("opening 2 KiB", 100_000, () => ring.TryOpen(record, place, plaintext, out _));
    }

    private static void Sections(DiskFileSystem files, string folder, MasterKeySet masters)
    {
        const int Length = 512 << 20;
        using var ring = KeyRing.Open(files, Path.Combine(folder, "keys"), masters);
        var place = new SectionPlace(Guid.NewGuid(), 1);
        var keyId = ring.KeyFor(KeyScope.ForFile("bench", place.File));
        var data = GC.AllocateUninitializedArray<byte>(Length);
        RandomNumberGenerator.Fill(data);
        using var file = files.Create(Path.Combine(folder, "section"));
        long sealedLength = 0;
        Rate("writing a section of 512 MiB", Length, () =>
        {
            using var output = new SectionStream(file);
            using var writer = new SectionWriter(ring, keyId, output, place);
            writer.Write(data);
            sealedLength = writer.Complete();
            output.Flush();
        });
        Rate("the same bytes unsealed", Length, () =>
        {
            using var plain = files.Create(Path.Combine(folder, "plain"));
            for (var done = 0; done < Length; done += SectionCipher.ChunkSize)
            {
                plain.Write(data.AsSpan(done, SectionCipher.ChunkSize), done);
            }
        });
        using var reader = new SectionReader(ring, file, 0, sealedLength, place);
        foreach (var threads in new[] { 1, Environment.ProcessorCount })
        {
            Rate($"reading it, {threads} threads, from the page cache", Length, () =>
            {
                fixed (byte* target = data)
                {
                    reader.ReadAll(target, threads);
                }
            });
        }
    }

    private static void Ring(DiskFileSystem files, string folder, MasterKeySet masters, int subjects)
    {
        const int Batch = 1000;
        var scopes = Enumerable.Range(0, subjects).Select(i => KeyScope.ForSubject("bench", $"subject {i}")).ToArray();
        var keyIds = new ulong[subjects];
        using (var ring = KeyRing.Open(files, folder, masters))
        {
            Once($"{subjects:n0} keys made, {Batch} at a time", () =>
            {
                for (var i = 0; i < subjects; i += Batch)
                {
                    ring.KeysFor(scopes.AsSpan(i, Math.Min(Batch, subjects - i)), keyIds.AsSpan(i));
                }
            });
            var one = 0;
            Repeat("one key made, two flushes", 200, () => ring.KeyFor("bench", $"single {one++}"));
            var next = 0;
            Repeat("finding the key of a subject not seen lately", 20_000, () => ring.KeyFor(scopes[next++ * 7 % subjects]));
            Repeat("finding the key of a subject seen lately", 200_000, () => ring.KeyFor(scopes[0]));
            Console.WriteLine($"{"file",-58}{ring.Statistics.Bytes,12:n0} bytes");
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        KeyRing? again = null;
        Once("opened at a start, every key authenticated", () => again = KeyRing.Open(files, folder, masters, mayCreate: false));
        Console.WriteLine($"{"memory",-58}{(double)(GC.GetTotalMemory(forceFullCollection: true) - before) / again!.Statistics.Live,12:n0} bytes a key");
        var record = new byte[SealedRecord.SealedLength(0)];
        var first = 0;
        Repeat("first use of a key: read, unwrap, seal", 10_000, () => again.Seal(keyIds[first++], [], [], record));
        var destroyed = 0;
        Repeat("destroying a subject in a collection, two flushes", 200, () => again.Destroy(scopes[destroyed++]));
        Once("destroying a subject in all collections", () => again.DestroySubject($"subject {subjects - 1}"));
        using var other = new MasterKeySet(RandomNumberGenerator.GetBytes(MasterKeySet.KeySize));
        Once("rotating the master key", () => again.RotateMaster(other));
        again.Dispose();
    }

    private static void Repeat(string what, int count, Action action)
    {
        for (var i = 0; i < count / 10; i++)
        {
            action();
        }

        var (wall, cpu) = Time(() =>
        {
            for (var i = 0; i < count - (count / 10); i++)
            {
                action();
            }
        });
        var times = count - (count / 10);
        Console.WriteLine($"{what,-58}{wall.TotalMicroseconds / times,12:n2} us{cpu.TotalMicroseconds / times,10:n2} us CPU{times / cpu.TotalSeconds,14:n0} per CPU second");
    }

    private static void Rate(string what, long bytes, Action action)
    {
        var (wall, cpu) = Time(action);
        Console.WriteLine($"{what,-58}{bytes / 1e9 / wall.TotalSeconds,12:n2} GB/s{bytes / 1e9 / cpu.TotalSeconds,10:n2} GB per CPU second");
    }

    private static void Once(string what, Action action)
    {
        var (wall, cpu) = Time(action);
        Console.WriteLine($"{what,-58}{wall.TotalMilliseconds,12:n0} ms{cpu.TotalMilliseconds,10:n0} ms CPU");
    }

    private static (TimeSpan Wall, TimeSpan Cpu) Time(Action action)
    {
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        action();
        var wall = Stopwatch.GetElapsedTime(started);
        process.Refresh();
        return (wall, process.TotalProcessorTime - cpu);
    }
}
