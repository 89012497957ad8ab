using Sutra.Storage.Hnsw;

namespace Sutra.Tests.Storage.Hnsw;

[TestClass]
public sealed class FilterTests
{
    private static readonly ClusteredVectors Data = new(4000, 32, queries: 50);
    private static readonly HnswIndex Index = Data.Build();

    [ClassCleanup]
    public static void Free() => Index.Dispose();

    public static IEnumerable<object[]> Cases =>
        from share in new[] { 0.5, 0.1, 0.01, 0.001 }
        from correlated in new[] { false, true }
        from way in new[] { "as planned", nameof(SearchWay.Sweep), nameof(SearchWay.TwoHop), nameof(SearchWay.Exact) }
        select new object[] { share, correlated, way };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_filter_costs_no_recall_and_gives_k_if_k_exist(double share, bool correlated, string wayName)
    {
        SearchWay? way = Enum.TryParse<SearchWay>(wayName, out var forced) ? forced : null;
        var rows = Rows(share, correlated);
        var allowed = Bitmap(rows);
        var k = Math.Min(10, rows.Count);
        var results = new Neighbour[k];
        foreach (var query in Data.Queries)
        {
            var found = Index.Search(query, new HnswQuery(k) { Ef = 64, Allowed = allowed, Way = way }, results);

            Assert.AreEqual(k, found);
            Assert.IsTrue(results.All(hit => rows.Contains((int)hit.Slot)), "something that is not allowed was found");
            Assert.AreEqual(k, results.Select(hit => hit.Slot).Distinct().Count());
        }

        Assert.IsGreaterThan(0.95, Data.Recall(Index, new HnswQuery(k) { Ef = 64, Allowed = allowed, Way = way }, rows.Contains));
    }

    [TestMethod]
    public void A_filter_that_allows_nothing_finds_nothing()
    {
        var results = new Neighbour[10];
        foreach (var way in new SearchWay?[] { null, SearchWay.Sweep, SearchWay.TwoHop, SearchWay.Exact })
        {
            Assert.AreEqual(0, Index.Search(Data.Queries[0], new HnswQuery(10) { Allowed = new SlotBitmap(), Way = way }, results));
        }
    }

    [TestMethod]
    public void Slots_of_a_filter_beyond_the_index_are_ignored()
    {
        var allowed = Bitmap([1, 2, 3]);
        allowed.Add(1_000_000);
        var results = new Neighbour[10];

        Assert.AreEqual(3, Index.Search(Data.Queries[0], new HnswQuery(10) { Allowed = allowed }, results));
    }

    [TestMethod]
    public void The_plan_goes_from_exact_over_two_hops_to_a_sweep_as_more_is_allowed()
    {
        var filter = new SlotFilter(new SlotBitmap(), deleted: null);

        Assert.AreEqual(SearchWay.Exact, Way(5_000));
        Assert.AreEqual(SearchWay.TwoHop, Way(100_000));
        Assert.AreEqual(SearchWay.Sweep, Way(900_000));
        Assert.AreEqual(SearchWay.Walk, SearchPlan.Choose(new SlotFilter(null, null), 1_000_000, 1_000_000, 384, byCodes: true, ef: 64).Way);
        Assert.AreEqual(SearchWay.Exact, SearchPlan.Choose(filter, 2_500, 1_000_000, 768, byCodes: true, ef: 64).Way);
        Assert.AreNotEqual(SearchWay.Exact, SearchPlan.Choose(filter, 5_000, 1_000_000, 768, byCodes: true, ef: 64).Way, "half the rows at twice the dimension");

        SearchWay Way(long allowed) => SearchPlan.Choose(filter, allowed, 1_000_000, 384, byCodes: true, ef: 64).Way;
    }

    private static HashSet<int> Rows(double share, bool correlated)
    {
        var count = (int)(Data.Count * share);
        var rows = Enumerable.Range(0, Data.Count);
        var random = new Random(9);
        return [.. (correlated ? rows.OrderBy(row => Data.Cluster[row]).ThenBy(row => row) : rows.OrderBy(_ => random.Next())).Take(count)];
    }

    private static SlotBitmap Bitmap(IEnumerable<int> rows)
    {
        var bitmap = new SlotBitmap();
        foreach (var row in rows)
        {
            bitmap.Add((uint)row);
        }

        return bitmap;
    }
}
