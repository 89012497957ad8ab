using Sutra.Storage.Hnsw;
using Sutra.Storage.Vectors;

namespace Sutra.Tests.Storage.Hnsw;

[TestClass]
public sealed unsafe class ResumeTests
{
    private const int Dimension = 40;
    private const int Count = 2500;

    private static readonly ClusteredVectors Data = new(Count, Dimension);

    [TestMethod]
    [DataRow(1)]
    [DataRow(900)]
    [DataRow(2499)]
    public void A_graph_that_is_gone_on_with_is_bit_for_bit_the_one_that_was_built_in_one_go(int first)
    {
        using var whole = Built(Count);
        using var part = Built(first);
        using var worths = new MemoryStream();
        part.WriteWorths(worths);
        var image = Image(part);
        using var resumed = new HnswIndex(Options());
        fixed (byte* bytes = image)
        {
            using var mapped = MappedGraph.Open(bytes, image.Length);
            resumed.Resume(mapped.View, worths.ToArray());
        }

        Append(resumed, first, Count);
        resumed.LinkRows(threads: 1, (uint)first);

        CollectionAssert.AreEqual(Image(whole), Image(resumed));
    }

    [TestMethod]
    public void Another_seed_or_worths_that_are_cut_off_are_refused()
    {
        using var part = Built(900);
        using var worths = new MemoryStream();
        part.WriteWorths(worths);
        using (var other = new HnswIndex(Options() with { Seed = 7 }))
        {
            Assert.ThrowsExactly<InvalidDataException>(() => other.Resume(part.View, worths.ToArray()));
        }

        using var cut = new HnswIndex(Options());
        Assert.ThrowsExactly<InvalidDataException>(() => cut.Resume(part.View, worths.ToArray().AsSpan(0, 1000)));
    }

    [TestMethod]
    public void Vectors_appended_at_once_and_linked_by_two_threads_are_found_like_any()
    {
        using var index = new HnswIndex(Options());
        Append(index, 0, Count);
        index.LinkRows(threads: 2);
        index.Repair();
        var results = new Neighbour[1];
        var found = 0;
        for (var row = 0; row < Count; row++)
        {
            index.Search(Data[row], new HnswQuery(1), results);
            found += results[0].Slot == row ? 1 : 0;
        }

        Assert.AreEqual(0u, index.CountUnreachable());
        Assert.IsGreaterThan(Count * 99 / 100, found);
    }

    private static HnswOptions Options() => new() { Dimension = Dimension };

    private static HnswIndex Built(int count)
    {
        var index = new HnswIndex(Options());
        Append(index, 0, count);
        index.LinkRows(threads: 1);
        return index;
    }

    private static void Append(HnswIndex index, int from, int to)
    {
        var unit = new float[Dimension];
        for (var row = from; row < to; row++)
        {
            UnitVector.Write(Data[row], Dimension, unit);
            index.AppendUnit(unit);
        }
    }

    private static byte[] Image(HnswIndex index)
    {
        using var stream = new MemoryStream();
        GraphImage.Write(index.View, stream);
        return stream.ToArray();
    }
}
