namespace Sutra.Storage.Associations;

/// <summary>
/// What one traversal may cost, counted in associations looked at, so that work that finds none ends, too. Once something was too much, everything is.
/// </summary>
/// <param name="units">In all.</param>
/// <param name="cancellation">Looked at with everything that is spent.</param>
internal sealed class TraversalBudget(int units, CancellationToken cancellation)
{
    /// <summary>To go on from a concept.</summary>
    public const int Expansion = 1;

    /// <summary>To look for the target of a link, for who names an entity or links to a concept, or at the links of one who does.</summary>
    public const int LookUp = 1;

    /// <summary>To search for neighbours: it takes about as long as to look at so many associations.</summary>
    public const int NeighbourSearch = 50;

    /// <summary>So many rows of an entity or a target, removed ones included, are gone through for one.</summary>
    public const int RowsPerUnit = 16;

    private int _left = units;

    /// <summary>Something was left out.</summary>
    public bool Spent { get; private set; }

    public CancellationToken Cancellation => cancellation;

    public bool TrySpend(int cost = 1)
    {
        cancellation.ThrowIfCancellationRequested();
        Spent |= cost > _left;
        _left -= Spent ? 0 : cost;
        return !Spent;
    }
}
