using Sutra.Storage.Hnsw;

namespace Sutra.Tests.Storage.Hnsw;

/// <summary>Equal texts have equal vectors: many of them must not become an island that searches do not get out of.</summary>
[TestClass]
public sealed class DuplicateTests
{
    private const int Copies = 2000;

    [TestMethod]
    [DataRow(true, 0f)]
    [DataRow(false, 0f)]
    [DataRow(true, 1e-7f)]
    [DataRow(false, 1e-7f)]
    public void Two_thousand_copies_harm_nothing(bool codes, float noise)
    {
        var data = new ClusteredVectors(3000, 32);
        var random = new Random(3);
        for (var i = 0; i < Copies; i++)
        {
            data.Append([.. data[5].Select(value => value + (float)(random.NextDouble() - 0.5) * noise)]);
        }

        using var index = data.Build(new HnswOptions { Dimension = 32, Codes = codes });

        Assert.AreEqual(0u, index.CountUnreachable());
        Assert.IsGreaterThan(0.98, data.Recall(index, new HnswQuery(10) { Ef = 64 }));
    }

    [TestMethod]
    public void All_copies_can_be_found_and_each_deleted_or_filtered_alone()
    {
        using var index = new HnswIndex(new HnswOptions { Dimension = 4 });
        for (var i = 0; i < 50; i++)
        {
            index.Add([1, 2, 3, 4]);
            index.Add([4, -3, 2, -1 - i]);
        }

        var results = new Neighbour[50];
        index.Search([1, 2, 3, 4], new HnswQuery(50), results);
        CollectionAssert.AreEqual(Enumerable.Range(0, 50).Select(i => (uint)i * 2).ToArray(), results.Select(hit => hit.Slot).ToArray());

        for (uint copy = 0; copy < 48; copy++)
        {
            index.Delete(copy * 2);
        }

        foreach (var way in new[] { SearchWay.Sweep, SearchWay.TwoHop, SearchWay.Exact })
        {
            index.Search([1, 2, 3, 4], new HnswQuery(3) { Way = way }, results);
            CollectionAssert.AreEqual(new uint[] { 96, 98 }, results.Take(2).Select(hit => hit.Slot).ToArray(), $"{way}");
            Assert.AreEqual(1u, results[2].Slot % 2);
        }

        var allowed = new SlotBitmap();
        allowed.Add(98);
        Assert.AreEqual(1, index.Search([1, 2, 3, 4], new HnswQuery(3) { Allowed = allowed, Way = SearchWay.Sweep }, results));
        Assert.AreEqual(98u, results[0].Slot);
    }
}
