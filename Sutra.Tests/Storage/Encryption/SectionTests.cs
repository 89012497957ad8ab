using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Storage.Segments;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

[TestClass]
public sealed unsafe class SectionTests
{
    private const int Start = 100;
    private const int Chunk = SectionCipher.ChunkSize;
    private const string Path = "/data/segment";

    private static readonly SectionPlace Place = new(Guid.Parse("8f6d1f0e-5b0c-4f1f-9d2a-0c6f4d1b7a11"), 3);

    private readonly SimulatedDisk _disk = new();
    private readonly KeyRing _ring;
    private readonly ulong _keyId;

    public SectionTests()
    {
        _ring = RingHarness.Open(_disk);
        _keyId = _ring.KeyFor(KeyScope.ForFile("notes", Place.File));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(Chunk - 1)]
    [DataRow(Chunk)]
    [DataRow(Chunk + 1)]
    [DataRow(5 * Chunk)]
    [DataRow((5 * Chunk) + 777)]
    public void A_section_reads_as_it_was_written_whole_and_in_parts(int length)
    {
        var data = Write(length, out var sealedLength);
        Assert.AreEqual(SectionCipher.SealedLength(length), sealedLength);

        using var file = _disk.Open(Path);
        using var reader = new SectionReader(_ring, file, Start, sealedLength, Place);
        Assert.AreEqual(length, reader.Length);
        foreach (var threads in new[] { 1, 3 })
        {
            var all = new byte[length];
            fixed (byte* target = all)
            {
                reader.ReadAll(target, threads);
            }

            CollectionAssert.AreEqual(data, all);
        }

        var random = new Random(length);
        for (var i = 0; i < 50; i++)
        {
            var offset = random.Next(length + 1);
            var part = new byte[random.Next(Math.Min(length - offset, 3 * Chunk) + 1)];
            reader.Read(offset, part);
            Assert.IsTrue(part.AsSpan().SequenceEqual(data.AsSpan(offset, part.Length)), $"{part.Length} bytes at {offset}");
        }

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => reader.Read(length, new byte[1]));
    }

    [TestMethod]
    public void Every_byte_that_changes_is_noticed()
    {
        Write(300, out var sealedLength);
        var bytes = _disk.Read(Path);
        for (var i = Start; i < bytes.Length; i++)
        {
            AssertRefused(Flipped(bytes, i), sealedLength, $"byte {i}");
        }

        Write((2 * Chunk) + 300, out sealedLength);
        bytes = _disk.Read(Path);
        for (var i = Start; i < bytes.Length; i += 311)
        {
            AssertRefused(Flipped(bytes, i), sealedLength, $"byte {i}");
        }
    }

    [TestMethod]
    public void Chunks_cannot_be_swapped_repeated_dropped_or_cut_off()
    {
        Write(3 * Chunk, out var sealedLength);
        var bytes = _disk.Read(Path);
        const int Sealed = SectionCipher.SealedChunkSize;
        const int First = Start + SectionCipher.HeaderSize;
        byte[] Chunks(params int[] order) => [.. bytes[..First], .. order.SelectMany(i => bytes[(First + (i * Sealed))..(First + ((i + 1) * Sealed))])];
        AssertRefused(Chunks(1, 0, 2), sealedLength, "swapped");
        AssertRefused(Chunks(0, 0, 2), sealedLength, "repeated");
        AssertRefused(Chunks(0, 2), sealedLength - Sealed, "dropped from the middle");
        AssertRefused(Chunks(0, 1), sealedLength - Sealed, "dropped at the end");
        AssertRefused(Chunks(0, 1, 2, 2), sealedLength + Sealed, "one more");
        for (var cut = 1; cut < Sealed; cut += 1009)
        {
            AssertRefused(bytes[..^cut], sealedLength - cut, $"{cut} bytes cut off, and told so");
            AssertRefused(bytes[..^cut], sealedLength, $"{cut} bytes cut off");
        }
    }

    [TestMethod]
    public void A_section_cut_at_a_chunk_is_refused_before_anything_of_it_is_read()
    {
        Write(3 * Chunk, out var sealedLength);
        using var file = _disk.Open(Path);
        Assert.ThrowsExactly<SectionCorruptException>(() => new SectionReader(_ring, file, Start, sealedLength - SectionCipher.SealedChunkSize, Place));
    }

    [TestMethod]
    public void A_section_of_another_file_or_place_does_not_open_here()
    {
        Write(1000, out var sealedLength);
        using var file = _disk.Open(Path);
        Assert.ThrowsExactly<SectionCorruptException>(() => new SectionReader(_ring, file, Start, sealedLength, Place with { Section = 4 }));
        Assert.ThrowsExactly<SectionCorruptException>(() => new SectionReader(_ring, file, Start, sealedLength, Place with { File = Guid.NewGuid() }));
    }

    [TestMethod]
    public void A_section_that_was_not_completed_does_not_open()
    {
        using var file = _disk.Create(Path);
        using (var output = new SectionStream(file))
        using (var writer = new SectionWriter(_ring, _keyId, output, Place))
        {
            writer.Write(new byte[2 * Chunk]);
            output.Flush();
        }

        Assert.ThrowsExactly<SectionCorruptException>(() => new SectionReader(_ring, file, 0, file.Length, Place));
    }

    [TestMethod]
    public void The_same_bytes_are_sealed_differently_each_time_and_do_not_shine_through()
    {
        Write(1000, out _);
        var first = _disk.Read(Path);
        Write(1000, out _);
        var second = _disk.Read(Path);
        Assert.IsFalse(first.AsSpan(^1000).SequenceEqual(second.AsSpan(^1000)));
    }

    [TestMethod]
    public void Destroying_the_file_s_key_erases_it()
    {
        Write(1000, out var sealedLength);
        _ring.Destroy(KeyScope.ForFile("notes", Place.File));
        using var file = _disk.Open(Path);
        var error = Assert.ThrowsExactly<KeyNotUsableException>(() => new SectionReader(_ring, file, Start, sealedLength, Place));
        Assert.AreEqual(KeyState.Destroyed, error.State);
    }

    private static byte[] Flipped(byte[] bytes, int index)
    {
        var result = bytes.ToArray();
        result[index] ^= 0x10;
        return result;
    }

    private byte[] Write(int length, out long sealedLength)
    {
        var data = new byte[length];
        new Random(length).NextBytes(data);
        _disk.Replace(Path, new byte[Start]);
        using var file = _disk.Open(Path);
        using var output = new SectionStream(file, Start);
        using var writer = new SectionWriter(_ring, _keyId, output, Place);
        for (var done = 0; done < length;)
        {
            var count = Math.Min(length - done, (done % 90_000) + 1000);
            writer.Write(data.AsSpan(done, count));
            done += count;
        }

        sealedLength = writer.Complete();
        output.Flush();
        return data;
    }

    private void AssertRefused(byte[] bytes, long sealedLength, string because)
    {
        _disk.Replace(Path, bytes);
        using var file = _disk.Open(Path);
        try
        {
            using var reader = new SectionReader(_ring, file, Start, sealedLength, Place);
            reader.Read(0, new byte[reader.Length]);
        }
        catch (Exception e) when (e is SectionCorruptException or KeyNotUsableException)
        {
            return;
        }

        Assert.Fail($"{because}: was read");
    }
}
