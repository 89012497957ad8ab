using Sutra.Storage.Hnsw;
using Sutra.Storage.Vectors;

namespace Sutra.Tests.Storage.Hnsw;

[TestClass]
public sealed class HnswIndexTests
{
    private static readonly ClusteredVectors Data = new(3000, 48);

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, false)]
    public void Finds_nearly_all_of_the_true_ten_nearest(bool codes, bool buildOnCodes)
    {
        using var index = Data.Build(new HnswOptions { Dimension = 48, Codes = codes, BuildOnCodes = buildOnCodes });

        Assert.IsGreaterThan(0.9, Data.Recall(index, new HnswQuery(10) { Ef = 16 }));
        Assert.IsGreaterThan(0.99, Data.Recall(index, new HnswQuery(10) { Ef = 100 }));
        Assert.AreEqual(0u, index.CountUnreachable());
    }

    [TestMethod]
    public void Results_are_sorted_and_scored_in_float32()
    {
        using var index = Data.Build();
        var results = new Neighbour[20];
        foreach (var query in Data.Queries)
        {
            Assert.AreEqual(20, index.Search(query, new HnswQuery(20), results));
            for (var i = 0; i < results.Length; i++)
            {
                Assert.AreEqual(FloatKernels.Dot(query, Data[(int)results[i].Slot]), results[i].Score, 1e-6f);
                Assert.IsTrue(i == 0 || results[i - 1].Score >= results[i].Score);
            }
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void One_thread_builds_the_same_graph_every_time(bool codes)
    {
        var data = new ClusteredVectors(1500, 32);
        var options = new HnswOptions { Dimension = 32, Codes = codes, Seed = 7 };
        using var first = data.Build(options);
        using var second = data.Build(options);
        using var other = data.Build(options with { Seed = 8 });

        CollectionAssert.AreEqual(Image(first), Image(second));
        CollectionAssert.AreNotEqual(Image(first), Image(other));
    }

    [TestMethod]
    public void Two_threads_build_as_good_a_graph()
    {
        using var index = Data.Build(threads: 2);

        Assert.AreEqual(3000u, index.Count);
        Assert.AreEqual(0u, index.Repair().Unreachable);
        Assert.IsGreaterThan(0.99, Data.Recall(index, new HnswQuery(10) { Ef = 100 }));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void A_bad_vector_among_many_is_refused_whatever_the_threads(int threads)
    {
        var rows = Data.Flat();
        rows[2500 * 48] = float.NaN;
        using var index = new HnswIndex(new HnswOptions { Dimension = 48, EfConstruction = 10 });

        Assert.AreEqual(VectorFault.NotFinite, Assert.ThrowsExactly<InvalidVectorException>(() => index.AddRange(rows, threads)).Fault);
    }

    [TestMethod]
    public void A_vector_is_compared_by_direction_not_by_length()
    {
        using var index = new HnswIndex(new HnswOptions { Dimension = 3 });
        index.Add([1e20f, 0, 0]);
        index.Add([0, 1e-20f, 0]);
        var results = new Neighbour[2];

        Assert.AreEqual(2, index.Search([3, 4, 0], new HnswQuery(2), results));

        Assert.AreEqual(1u, results[0].Slot);
        Assert.AreEqual(0.8f, results[0].Score, 1e-6f);
        Assert.AreEqual(0.6f, results[1].Score, 1e-6f);
    }

    [TestMethod]
    public void An_empty_index_finds_nothing_and_more_than_there_is_gives_all()
    {
        using var index = new HnswIndex(new HnswOptions { Dimension = 2 });
        var results = new Neighbour[10];
        Assert.AreEqual(0, index.Search([1, 1], new HnswQuery(10), results));
        Assert.AreEqual(0u, index.CountUnreachable());
        Assert.AreEqual((0, 0u), index.Repair());

        index.Add([1, 0]);
        index.Add([0, 1]);
        index.Add([-1, 0]);

        Assert.AreEqual(3, index.Search([1, 0.1f], new HnswQuery(10), results));
        CollectionAssert.AreEqual(new uint[] { 0, 1, 2 }, results.Take(3).Select(hit => hit.Slot).ToArray());
    }

    [TestMethod]
    public void What_is_refused_changes_nothing()
    {
        using var index = new HnswIndex(new HnswOptions { Dimension = 2 });
        index.Add([1, 0]);
        var results = new Neighbour[1];

        Assert.ThrowsExactly<InvalidVectorException>(() => index.Add([float.NaN, 1]));
        Assert.ThrowsExactly<InvalidVectorException>(() => index.Add([0, 0]));
        Assert.ThrowsExactly<InvalidVectorException>(() => index.Add([1, 2, 3]));
        Assert.ThrowsExactly<InvalidVectorException>(() => index.AddRange(new float[3], 1));
        Assert.ThrowsExactly<InvalidVectorException>(() => index.Search([float.PositiveInfinity, 1], new HnswQuery(1), results));
        Assert.ThrowsExactly<InvalidVectorException>(() => index.Search([1], new HnswQuery(1), results));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => index.Search([1, 1], new HnswQuery(0), results));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => index.Search([1, 1], new HnswQuery(2), results));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => index.Delete(1));

        Assert.AreEqual(1u, index.Count);
        Assert.AreEqual(1, index.Search([1, 1], new HnswQuery(1), results));
    }

    [TestMethod]
    [DataRow(0, 16, 200)]
    [DataRow(65_537, 16, 200)]
    [DataRow(4, 3, 200)]
    [DataRow(4, 65, 200)]
    [DataRow(4, 16, 0)]
    public void Options_outside_their_ranges_are_refused(int dimension, int m, int efConstruction) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new HnswIndex(new HnswOptions { Dimension = dimension, M = m, EfConstruction = efConstruction }));

    [TestMethod]
    [DataRow(4)]
    [DataRow(33)]
    [DataRow(64)]
    public void Every_M_gives_a_graph_that_works(int m)
    {
        var data = new ClusteredVectors(1200, 20);
        using var index = data.Build(new HnswOptions { Dimension = 20, M = m, EfConstruction = 60 });
        index.Repair();

        Assert.AreEqual(0u, index.CountUnreachable());
        Assert.IsGreaterThan(0.9, data.Recall(index, new HnswQuery(10) { Ef = 100 }));
    }

    [TestMethod]
    public void A_search_allocates_nothing()
    {
        using var index = Data.Build();
        var results = new Neighbour[10];
        for (var i = 0; i < 100; i++)
        {
            index.Search(Data.Queries[i], new HnswQuery(10), results);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            index.Search(Data.Queries[i], new HnswQuery(10), results);
        }

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Levels_are_drawn_as_the_paper_says()
    {
        var levels = Enumerable.Range(0, 100_000).Select(slot => LevelDraw.Of((uint)slot, 42, 16)).ToList();

        Assert.AreEqual(1 / 16.0, levels.Count(level => level >= 1) / 100_000.0, 0.005);
        Assert.AreEqual(1 / 256.0, levels.Count(level => level >= 2) / 100_000.0, 0.001);
    }

    private static byte[] Image(HnswIndex index)
    {
        using var stream = new MemoryStream();
        GraphImage.Write(index.View, stream);
        return stream.ToArray();
    }
}
