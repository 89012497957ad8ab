using System.Text;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Lexical;

namespace Sutra.Tests.Storage.Filtering;

[TestClass]
public sealed class FilterImageTests
{
    private const int Rows = 3000;

    private static readonly ReadOnlyMemory<byte>[] s_payloads = Payloads(Rows, seed: 3);

    [TestMethod]
    public unsafe void What_is_written_is_read_pair_by_pair()
    {
        using var memory = new ImageMemory(Write(s_payloads));
        var image = FilterImage.Open(memory.Image, memory.Length);
        var expected = s_payloads.SelectMany((payload, row) => Pairs(ConceptRecord.ReadLearn(payload.Span)).Select(pair => (pair.Key, pair.Value, (uint)row))).ToHashSet();
        var found = new HashSet<(string, string, uint)>();
        for (var pairs = image.Pairs(); pairs.MoveNext();)
        {
            var rows = new uint[pairs.Count];
            pairs.CopyRows(rows);
            foreach (var row in rows)
            {
                Assert.IsTrue(found.Add((Encoding.UTF8.GetString(pairs.Key), Encoding.UTF8.GetString(pairs.Value), row)));
            }
        }

        Assert.IsTrue(expected.SetEquals(found));
        Assert.AreEqual(expected.Count, image.PairCount);
        var audit = new FilterAudit(image);
        for (var row = 0; row < Rows; row++)
        {
            audit.Check((uint)row, s_payloads[row].Span);
            Assert.ThrowsExactly<InvalidDataException>(() => audit.Check((uint)row, s_payloads[(row + 1) % Rows].Span), "another's metadata");
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public unsafe void A_merge_in_any_order_is_byte_for_byte_the_section_of_the_payloads(int seed)
    {
        // Rows are dealt to parts at random, one of them still in memory; some are gone, and in the result they lie as they did, or anyhow.
        var random = new Random(seed);
        var part = Enumerable.Range(0, Rows).Select(_ => random.Next(3)).ToArray();
        var kept = Enumerable.Range(0, Rows).Where(_ => random.Next(5) > 0).ToArray();
        if (seed > 1)
        {
            random.Shuffle(kept);
        }

        var place = Enumerable.Repeat(-1, Rows).ToArray();
        for (var i = 0; i < kept.Length; i++)
        {
            place[kept[i]] = i;
        }

        ReadOnlyMemory<byte>[] Of(int number) => [.. s_payloads.Where((_, row) => part[row] == number)];
        int[] Map(int number) => [.. place.Where((_, row) => part[row] == number)];
        using var first = new ImageMemory(Write(Of(0)));
        using var second = new ImageMemory(Write(Of(1)));
        var merged = Write(
            kept.Length,
            new FilterSource(FilterImage.Open(first.Image, first.Length), Map(0)),
            new FilterSource(FilterTable.Of(Of(2)), Map(2)),
            new FilterSource(FilterImage.Open(second.Image, second.Length), Map(1)));
        CollectionAssert.AreEqual(Write([.. kept.Select(row => s_payloads[row])]), merged);
    }

    [TestMethod]
    public void Maps_that_cannot_be_are_refused()
    {
        var table = FilterTable.Of(s_payloads[..10]);
        Assert.ThrowsExactly<ArgumentException>(() => Write(10, new FilterSource(table, new int[9])), "too short");
        Assert.ThrowsExactly<ArgumentException>(() => Write(9, new FilterSource(table, null)), "beyond the end");
        Assert.ThrowsExactly<ArgumentException>(() => Write(10, new FilterSource(table, [0, 1, 2, 3, 4, 5, 6, 7, 8, 8])), "twice");
        Assert.ThrowsExactly<ArgumentException>(() => Write(10, new FilterSource(table, [0, 1, 2, 3, 4, 5, 6, 7, 8, -1])), "one is missing");
    }

    [TestMethod]
    public void What_is_no_section_is_refused()
    {
        var good = Write(s_payloads[..100]);
        for (var length = 0; length < good.Length; length += 1 + length / 20)
        {
            Refuse(good[..length]);
        }

        Refuse([.. good, .. new byte[8]]);
        foreach (var (at, value) in new[] { (0, 0), (8, 3), (15, 0x80), (12, 99), (good.Length - 1, 0), (good.Length - 64, 1), (good.Length - 56, 1), (good.Length - 48, 1) })
        {
            var changed = (byte[])good.Clone();
            changed[at] = (byte)value;
            Refuse(changed);
        }
    }

    [TestMethod]
    public void Damaged_sections_are_refused_or_read_wrongly_but_never_beyond_their_end()
    {
        var good = Write(s_payloads[..400]);
        using var memory = new ImageMemory(good);
        var random = new Random(12);
        var (refused, served) = (0, 0);
        for (var run = 0; run < 1500; run++)
        {
            good.CopyTo(memory.Bytes);
            for (var i = random.Next(1, 8); i > 0; i--)
            {
                // Where a thing stands is told by numbers near the end.
                var at = random.Next(3) > 0 ? random.Next(good.Length) : good.Length - 1 - random.Next(64 + 7 * 48);
                memory.Bytes[at] = (byte)random.Next(256);
            }

            try
            {
                Use(memory);
                served++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Console.WriteLine($"{refused} refused, {served} served");
        Assert.IsTrue(refused > 300 && served > 5, $"{refused} refused, {served} served");
    }

    private static unsafe void Use(ImageMemory memory)
    {
        var image = FilterImage.Open(memory.Image, memory.Length);
        var words = new ulong[RowBits.Words(image.Rows)];
        for (var i = 0; i < image.Keys; i++)
        {
            var key = image[i];
            Assert.IsTrue(image.TryFind(key.Name, out _), "found by its own name");
            key.AddAll(words);
            key.AddEqual("source 1"u8, words);
            key.AddPrefix("2"u8, words);
            key.AddRange(times: false, 1UL << 63, ulong.MaxValue, words);
            key.AddRange(times: true, 1UL << 63, ulong.MaxValue - 1, words);
        }

        image.AddLearned(0, ulong.MaxValue, words);
        FilterImageWriter.Write(Stream.Null, (int)image.Rows, new FilterSource(image, null));
        _ = new FilterAudit(image);
    }

    private static IEnumerable<(string Key, string Value)> Pairs(Concept concept)
    {
        var metadata = concept.Metadata.Select(pair => ("\0" + pair.Key, pair.Value));
        return concept.Owner.Length > 0 ? metadata.Append(("\u0001owner", concept.Owner)) : metadata;
    }

    private static ReadOnlyMemory<byte>[] Payloads(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)ConceptRecord.WriteLearn(
            EngineHarness.Concept($"text {i}", metadata: FilterOracle.Metadata(random, i)) with { Owner = random.Next(2) == 0 ? "" : $"user:{random.Next(50)}" }, DateTimeOffset.UnixEpoch.AddSeconds(random.Next(1000))))];
    }

    private static byte[] Write(ReadOnlyMemory<byte>[] payloads) => Write(payloads.Length, new FilterSource(FilterTable.Of(payloads), null));

    private static byte[] Write(int rows, params FilterSource[] sources)
    {
        using var output = new MemoryStream();
        FilterImageWriter.Write(output, rows, sources);
        return output.ToArray();
    }

    private static unsafe void Refuse(byte[] image)
    {
        using var memory = new ImageMemory(image.Length == 0 ? [0] : image);
        Assert.ThrowsExactly<InvalidDataException>(() => FilterImage.Open(memory.Image, memory.Length));
    }
}
