using Sutra.Storage.Hnsw;
using Sutra.Storage.Vectors;

namespace Sutra.Tests.Storage.Hnsw;

[TestClass]
public sealed class ConcurrencyTests
{
    [TestMethod]
    public async Task Searches_during_inserts_give_only_what_is_there_sorted_and_once()
    {
        var data = new ClusteredVectors(4000, 32);
        using var index = new HnswIndex(new HnswOptions { Dimension = 32, EfConstruction = 64 });
        var rowOf = new int[data.Count];
        Array.Fill(rowOf, -1);
        var adding = Task.WhenAll(Enumerable.Range(0, 2).Select(thread => Task.Run(() =>
        {
            for (var row = thread; row < data.Count; row += 2)
            {
                Volatile.Write(ref rowOf[index.Add(data[row])], row);
            }
        })));

        var searches = 0;
        var results = new Neighbour[10];
        var way = 0;
        while (!adding.IsCompleted)
        {
            var query = data.Queries[searches++ % data.Queries.Count];
            SearchWay?[] ways = [null, SearchWay.Sweep, SearchWay.Exact, SearchWay.TwoHop];
            var found = index.Search(query, new HnswQuery(10) { Way = ways[way++ % ways.Length] }, results);
            for (var i = 0; i < found; i++)
            {
                Assert.IsLessThan(index.Count, results[i].Slot);
                Assert.IsTrue(i == 0 || results[i - 1].Score >= results[i].Score);
                Assert.IsTrue(rowOf[results[i].Slot] is var row && (row < 0 || Math.Abs(FloatKernels.Dot(query, data[row]) - results[i].Score) < 1e-5f), "a half-written vector was scored");
            }

            Assert.AreEqual(found, results.Take(found).Select(hit => hit.Slot).Distinct().Count());
        }

        await adding;
        Console.WriteLine($"{searches} searches during {data.Count} inserts");
        index.Repair();
        Assert.AreEqual(0u, index.CountUnreachable());
        Assert.IsGreaterThan(0.97, data.Recall(index, new HnswQuery(10) { Ef = 100 }));
    }

    [TestMethod]
    public void What_was_added_is_found_at_once()
    {
        var data = new ClusteredVectors(1500, 16);
        using var index = new HnswIndex(new HnswOptions { Dimension = 16, EfConstruction = 64 });
        var results = new Neighbour[1];
        var missed = 0;
        for (var row = 0; row < data.Count; row++)
        {
            var slot = index.Add(data[row]);
            index.Search(data[row], new HnswQuery(1), results);
            missed += results[0].Slot == slot ? 0 : 1;
        }

        Assert.IsLessThanOrEqualTo(3, missed);
    }
}
