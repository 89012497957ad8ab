using Sutra.Storage.Hnsw;

namespace Sutra.Tests.Storage.Hnsw;

[TestClass]
public sealed unsafe class ReachabilityTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(300)]
    public void Slots_that_nothing_leads_to_are_counted_and_get_a_link(int broken)
    {
        var data = new ClusteredVectors(2000, 32);
        using var index = data.Build();
        var view = index.View;
        var lost = Enumerable.Range(100, broken).Select(slot => (uint)slot).Where(slot => slot != view.Entry).ToHashSet();
        Break(view, lost.Contains);
        Assert.IsGreaterThanOrEqualTo((uint)lost.Count, index.CountUnreachable());

        var (links, unreachable) = index.Repair();

        Assert.IsGreaterThan(0, links);
        Assert.AreEqual(0u, unreachable);
        Assert.AreEqual(0u, index.CountUnreachable());
        var results = new Neighbour[1];
        foreach (var slot in lost)
        {
            index.Search(data[(int)slot], new HnswQuery(1) { Ef = 200, Way = SearchWay.Walk }, results);
            Assert.AreEqual(slot, results[0].Slot);
        }
    }

    [TestMethod]
    public void An_island_is_found_though_each_of_its_slots_has_links_to_it()
    {
        var data = new ClusteredVectors(2000, 32);
        using var index = data.Build();
        var view = index.View;
        var cluster = data.Cluster[(int)view.Entry] == 0 ? 1 : 0;
        Break(view, slot => data.Cluster[(int)slot] == cluster, onlyFromOutside: true);
        var island = (uint)data.Cluster.Count(number => number == cluster);
        Assert.AreEqual(island, index.CountUnreachable());

        Assert.AreEqual(0u, index.Repair().Unreachable);
    }

    // Takes the links away that lead to some slots, from everywhere or from all others.
    private static void Break(GraphView view, Func<uint, bool> lost, bool onlyFromOutside = false)
    {
        for (uint slot = 0; slot < view.Count; slot++)
        {
            if (onlyFromOutside && lost(slot))
            {
                continue;
            }

            var list = new Span<uint>(view.Links[slot], 2 * view.M);
            var kept = list.ToArray().Where(to => to != GraphView.None && !lost(to)).ToArray();
            list.Fill(GraphView.None);
            kept.CopyTo(list);
        }
    }
}
