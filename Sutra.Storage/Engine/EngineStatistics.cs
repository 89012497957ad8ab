namespace Sutra.Storage.Engine;

/// <param name="LogBytes">On the disk.</param>
/// <param name="VectorBytes">Of vectors in memory that are not in segments yet.</param>
/// <param name="Segments">Files of concepts.</param>
/// <param name="SegmentBytes">On the disk.</param>
/// <param name="IndexBytes">Of segments: links and codes of their vectors, what searches touch most.</param>
/// <param name="DeadRows">Of segments: removed or replaced, and not merged away yet.</param>
/// <param name="Entities">Pairs of concept and entity, those included that were removed and not merged away yet.</param>
/// <param name="Links">Of concepts to others, counted alike.</param>
/// <param name="AssociationBytes">Of both, in memory and in segments.</param>
/// <param name="SegmentsToRewrite">Segments that hold what is to be left in no file, after an erasure, or in the clear what is to be sealed: until they are written anew. One that is damaged stays.</param>
/// <param name="Failure">Why no write is taken any more; null while they are.</param>
public readonly record struct EngineStatistics(
    long Concepts,
    long LogBytes,
    long VectorBytes,
    int Segments,
    long SegmentBytes,
    long IndexBytes,
    long DeadRows,
    long Entities,
    long Links,
    long AssociationBytes,
    int SegmentsToRewrite,
    string? Failure,
    IReadOnlyDictionary<string, long> ConceptsByModel)
{
    internal static EngineStatistics Of(EngineView view, long concepts, long logBytes, string? failure)
    {
        var byModel = new Dictionary<string, long>(StringComparer.Ordinal);
        var rows = view.ActiveVectors.Concat(view.Frozen?.Vectors ?? []).Select(rows => rows.Index).ToList();
        var tables = new[] { view.Active, view.Frozen }.OfType<MemoryTable>().ToList();
        var parts = view.Segments.SelectMany(segment => segment.Segment.Parts).ToList();
        foreach (var (model, live) in rows.Select(index => (index.Model, (long)index.Live)).Concat(parts.Select(part => (part.Model, (long)part.Live))))
        {
            if (live > 0)
            {
                byModel[model] = byModel.GetValueOrDefault(model) + live;
            }
        }

        return new EngineStatistics(
            concepts,
            logBytes,
            rows.Sum(index => index.VectorBytes),
            view.Segments.Length,
            view.Segments.Sum(segment => segment.Segment.Length),
            parts.Sum(part => part.IndexBytes),
            view.Segments.Sum(segment => (long)segment.Segment.Rows - segment.Segment.Live),
            tables.Sum(table => table.Entities) + view.Segments.Sum(segment => segment.Segment.Associations.Entities),
            tables.Sum(table => table.Links) + view.Segments.Sum(segment => segment.Segment.Associations.Links),
            tables.Sum(table => table.AssociationBytes) + view.Segments.Sum(segment => segment.Segment.Associations.Length),
            view.Segments.Count(segment => segment.Segment.MustBeRewritten),
            failure,
            byModel);
    }
}
