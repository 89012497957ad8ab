using Sutra.Api.Documents;

namespace Sutra.Api.Querying;

/// <summary>
/// What pieces of documents have to do with each other in a ranking. A document that has one good piece is more likely to be about what was asked, so its other
/// pieces gain a little (passage and document interpolated, as Callan 1994). The pieces of one section say much the same; the best of them stands for it, and
/// the others come after other sections that are nearly as good.
/// </summary>
internal static class DocumentRanking
{
    private const double DocumentWeight = 0.3;
    private const double AgainFactor = 0.5;

    /// <param name="ranked">Best first.</param>
    /// <returns>Best first; scores are changed, but for concepts that belong to no document.</returns>
    public static IReadOnlyList<Ranked> Arrange(IReadOnlyList<Ranked> ranked)
    {
        var best = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var one in ranked)
        {
            if (DocumentOf(one) is { } document)
            {
                best.TryAdd(document, one.Score);
            }
        }

        if (best.Count == 0)
        {
            return ranked;
        }

        var seen = new HashSet<Section>();
        return
        [
            .. ranked
                .Select(one => DocumentOf(one) is { } document ? one with { Score = (one.Score + (DocumentWeight * best[document])) / (1 + DocumentWeight) } : one)
                .OrderByDescending(one => one.Score)
                .Select(one => Section.Of(one.Candidate.Metadata) is { } section && !seen.Add(section) ? one with { Score = one.Score * AgainFactor } : one)
                .OrderByDescending(one => one.Score),
        ];
    }

    private static string? DocumentOf(Ranked one) => one.Candidate.Metadata.GetValueOrDefault(PieceMetadata.DocumentId);
}
