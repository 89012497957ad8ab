using Sutra.Storage.Segments;
using Size = Sutra.Storage.Segments.MergePolicy.Size;

namespace Sutra.Tests.Storage.Segments;

[TestClass]
public sealed class MergePolicyTests
{
    private static readonly SegmentOptions s_options = new() { FlatSegments = 4, LinkRows = 1000 };

    [TestMethod]
    public void Few_segments_stay_as_they_are_while_somebody_writes() =>
        Assert.IsEmpty(MergePolicy.Choose([Flat(800), Flat(800), Linked(9000)], idle: false, s_options));

    [TestMethod]
    public void When_nobody_writes_those_that_are_scanned_get_a_graph() =>
        CollectionAssert.AreEqual(new[] { 0, 2 }, MergePolicy.Choose([Flat(800), Linked(90000), Flat(800)], idle: true, s_options).ToArray());

    [TestMethod]
    public void So_few_that_a_scan_is_right_are_left_alone_even_then() =>
        Assert.IsEmpty(MergePolicy.Choose([Flat(300), Flat(300)], idle: true, s_options));

    [TestMethod]
    public void Graphs_of_like_size_are_built_anew_with_the_rest_and_large_ones_are_not() =>
        CollectionAssert.AreEqual(
            new[] { 1, 2, 3, 4, 5 },
            MergePolicy.Choose([Linked(90_000), Linked(6_000), Flat(1000), Flat(1000), Flat(1000), Flat(1000)], idle: false, s_options).ToArray());

    [TestMethod]
    public void What_is_worn_is_written_anew_by_itself() =>
        CollectionAssert.AreEqual(new[] { 1 }, MergePolicy.Choose([Linked(9000), new Size(9000, 7000, Linked: true)], idle: false, s_options).ToArray());

    [TestMethod]
    public void What_is_empty_goes() =>
        CollectionAssert.AreEqual(new[] { 0 }, MergePolicy.Choose([new Size(50, 0, Linked: false)], idle: false, s_options).ToArray());

    [TestMethod]
    public void What_must_be_rewritten_is_however_large_and_what_is_only_worn_is_not()
    {
        Size[] segments = [new Size(9000, 7000, Linked: true), new Size(9000, 9000, Linked: true, MustBeRewritten: true)];
        CollectionAssert.AreEqual(new[] { 1 }, MergePolicy.Choose(segments, idle: true, s_options, mostRows: 5000).ToArray());
        Assert.IsEmpty(MergePolicy.Choose([segments[0]], idle: true, s_options, mostRows: 5000));
    }

    [TestMethod]
    public void A_vector_is_linked_a_number_of_times_that_grows_with_the_logarithm_of_all()
    {
        var segments = new List<Size>();
        var linked = 0L;
        for (var i = 0; i < 4000; i++)
        {
            segments.Add(Flat(1000));
            while (MergePolicy.Choose(segments, idle: false, s_options) is { Count: > 0 } chosen)
            {
                var live = (uint)chosen.Sum(at => segments[at].Live);
                linked += live;
                segments = [.. segments.Where((_, at) => !chosen.Contains(at)), Linked(live)];
            }

            Assert.IsLessThan(16, segments.Count);
        }

        Assert.IsLessThan(10, linked / (4000 * 1000.0));
    }

    private static Size Flat(uint rows) => new(rows, rows, Linked: false);

    private static Size Linked(uint rows) => new(rows, rows, Linked: true);
}
