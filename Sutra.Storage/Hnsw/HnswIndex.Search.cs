namespace Sutra.Storage.Hnsw;

internal sealed unsafe partial class HnswIndex
{
    private readonly SlotBitmap _deleted = new();

    /// <summary>Vectors that searches can find.</summary>
    public uint Live => Count - (uint)_deleted.Count;

    /// <summary>
    /// Hides a vector from all searches that begin from now on. Its links stay for walks to pass through; a graph of which a fifth or
    /// more is deleted is worth building anew.
    /// </summary>
    /// <returns>False if it was deleted before.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public bool Delete(uint slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, Count);
        return _deleted.Add(slot);
    }

    /// <summary>The nearest vectors. Thread-safe, takes no locks, allocates nothing once the scratch of a thread is there.</summary>
    /// <inheritdoc cref="HnswSearch.Run"/>
    public int Search(ReadOnlySpan<float> query, in HnswQuery request, Span<Neighbour> results) =>
        HnswSearch.Run(View, query, request, _deleted.Count == 0 ? null : _deleted, _scratches, results);
}
