namespace Sutra.Storage.Hnsw;

/// <summary>How a search is carried out.</summary>
internal enum SearchWay
{
    /// <summary>The plain walk: everything may be found.</summary>
    Walk,

    /// <summary>A walk over all, that keeps what is allowed. Costs as much more as the filter leaves less.</summary>
    Sweep,

    /// <summary>A walk over what is allowed, that steps over what is not to its neighbours (ACORN-1, Patel et al. 2024).</summary>
    TwoHop,

    /// <summary>All that is allowed, one by one.</summary>
    Exact,
}

/// <summary>The way of a search, and how many comparisons it may take before an exact scan is the better one after all.</summary>
/// <remarks>
/// An estimate from counts cannot know whether a filter goes together with the query: one that allows a tenth of all rows, all of
/// them far from the query, makes a walk visit most of the graph. The budget bounds that: at worst a search takes twice an exact scan.
/// </remarks>
internal readonly record struct SearchPlan(SearchWay Way, long Budget)
{
    /// <summary>So few rows are compared in float32 at once: encoding the query would take longer.</summary>
    public const long FewRows = 256;

    // Numbers that are scanned in the time of a walk. Measured at 384 dimensions: 5,000 rows of codes or 4,000 of float32 take 0.2 ms.
    private const long ExactByCodes = 2_000_000;
    private const long ExactByFloats = 1_500_000;

    // Where stepping over what is not allowed begins to cost less than walking through it.
    private const double SweepShare = 0.25;

    // A row that a walk comes to lies anywhere, those of a scan follow each other.
    private const int WalkToScanCost = 2;

    /// <param name="filter">What may be found.</param>
    /// <param name="allowed">How many that are, or more.</param>
    /// <param name="total">Rows of the graph.</param>
    /// <param name="dimension">Numbers in each.</param>
    /// <param name="byCodes">Whether codes are compared.</param>
    /// <param name="ef">Rows a walk would keep.</param>
    public static SearchPlan Choose(in SlotFilter filter, long allowed, long total, int dimension, bool byCodes, int ef)
    {
        var exact = (byCodes ? ExactByCodes : ExactByFloats) / dimension;
        if (allowed <= Math.Max(Math.Max(exact, FewRows), ef))
        {
            return new SearchPlan(filter.IsEmpty && total > FewRows && total > ef ? SearchWay.Walk : SearchWay.Exact, long.MaxValue);
        }

        return filter.IsEmpty ? new SearchPlan(SearchWay.Walk, long.MaxValue)
            : new SearchPlan(allowed >= total * SweepShare ? SearchWay.Sweep : SearchWay.TwoHop, allowed / WalkToScanCost);
    }
}
