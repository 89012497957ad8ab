namespace Sutra.Storage.Segments;

/// <summary>Which segments to make into one. Depends on nothing but what it is given.</summary>
internal static class MergePolicy
{
    // Dead rows cost a search as much as living ones, and space.
    private const double WornShare = 0.2;

    /// <summary>Vectors and the living among them.</summary>
    /// <param name="MustBeRewritten">It holds what is to be left in no file.</param>
    internal readonly record struct Size(uint Rows, uint Live, bool Linked, bool MustBeRewritten = false);

    /// <param name="segments">All there are.</param>
    /// <param name="idle">Nobody has written for a while.</param>
    /// <param name="mostRows">No merge may have more, but of one that must be rewritten, which comes alone.</param>
    /// <returns>Positions in <paramref name="segments"/>; empty when all is well.</returns>
    public static IReadOnlyList<int> Choose(IReadOnlyList<Size> segments, bool idle, SegmentOptions options, long mostRows = long.MaxValue)
    {
        var flat = Where(segments, segment => !segment.Linked);
        var flatRows = flat.Sum(i => (long)segments[i].Live);
        while (flatRows > mostRows && flat.Count > 0)
        {
            flatRows -= segments[flat[^1]].Live;
            flat.RemoveAt(flat.Count - 1);
        }

        if (flat.Count >= options.FlatSegments || (idle && flatRows >= options.LinkRows))
        {
            return WithThoseOfLikeSize(segments, flat, flatRows, mostRows);
        }

        // What must be rewritten is, however large: into several, if there is no other way.
        var worn = Where(segments, segment => segment.MustBeRewritten || segment.Live == 0 || (segment.Rows - segment.Live > segment.Rows * WornShare && segment.Live <= mostRows));
        return worn.Count > 0 ? [worn[0]] : [];
    }

    // A graph is written anew only together with half as many vectors as it has: each vector is then copied a number of times that
    // grows with the logarithm of all.
    private static List<int> WithThoseOfLikeSize(IReadOnlyList<Size> segments, List<int> chosen, long rows, long mostRows)
    {
        foreach (var i in Where(segments, segment => segment.Linked).OrderBy(i => segments[i].Live))
        {
            if (segments[i].Live > 2 * rows || rows + segments[i].Live > mostRows)
            {
                break;
            }

            chosen.Add(i);
            rows += segments[i].Live;
        }

        chosen.Sort();
        return chosen;
    }

    private static List<int> Where(IReadOnlyList<Size> segments, Func<Size, bool> condition) =>
        [.. Enumerable.Range(0, segments.Count).Where(i => condition(segments[i]))];
}
