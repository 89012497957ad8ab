using Sutra.Storage.Hnsw;

namespace Sutra.Tests.Storage.Hnsw;

[TestClass]
public sealed class DeleteTests
{
    [TestMethod]
    public void After_deleting_and_adding_again_half_of_all_recall_is_that_of_a_fresh_index()
    {
        var data = new ClusteredVectors(3000, 32);
        using var fresh = data.Build();
        using var index = data.Build();
        for (uint slot = 0; slot < 3000; slot += 2)
        {
            Assert.IsTrue(index.Delete(slot));
            index.Add(data[(int)slot]);
        }

        var request = new HnswQuery(10) { Ef = 32, Way = SearchWay.Sweep };
        var (before, after) = (data.Recall(fresh, request), data.Recall(index, request));

        Assert.AreEqual(3000u, index.Live);
        Assert.IsGreaterThan(before - 0.01, after);
        Assert.AreEqual(0u, index.CountUnreachable());
    }

    [TestMethod]
    public void After_replacing_half_of_all_by_others_recall_is_that_of_a_fresh_index()
    {
        var data = new ClusteredVectors(4500, 32);
        bool IsLive(int row) => row >= 3000 || row % 2 == 1;
        using var index = new HnswIndex(new HnswOptions { Dimension = 32 });
        using var fresh = new HnswIndex(new HnswOptions { Dimension = 32 });
        for (var row = 0; row < 4500; row++)
        {
            index.Add(data[row]);
            if (row >= 3000)
            {
                index.Delete((uint)(row - 3000) * 2);
            }

            if (IsLive(row))
            {
                fresh.Add(data[row]);
            }
        }

        var request = new HnswQuery(10) { Ef = 24, Way = SearchWay.Sweep };

        Assert.IsGreaterThan(data.Recall(fresh, request, IsLive) - 0.01, data.Recall(index, request, IsLive));
    }

    [TestMethod]
    public void What_is_deleted_is_not_found_and_the_rest_still_is()
    {
        var data = new ClusteredVectors(2000, 32, queries: 30);
        using var index = data.Build();
        for (uint slot = 0; slot < 2000; slot++)
        {
            if (slot % 10 != 0)
            {
                index.Delete(slot);
            }
        }

        Assert.IsFalse(index.Delete(1), "deleted twice");
        foreach (var way in new SearchWay?[] { null, SearchWay.Sweep, SearchWay.TwoHop, SearchWay.Exact })
        {
            Assert.IsGreaterThan(0.95, data.Recall(index, new HnswQuery(10) { Way = way }, row => row % 10 == 0));
        }

        for (uint slot = 0; slot < 2000; slot += 10)
        {
            index.Delete(slot);
        }

        Assert.AreEqual(0, index.Search(data.Queries[0], new HnswQuery(5), new Neighbour[5]));
    }
}
