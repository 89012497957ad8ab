using Sutra.Models.Train.Vocabulary;

namespace Sutra.Models.Train.Initialization;

/// <summary>
/// Random directions, as long as the piece is rare: row = N(0, 1) × ln((N + 1) / df) / 6. Random vectors of 256 dimensions are nearly
/// orthogonal, so a mean of such rows compares texts by the IDF-weighted pieces they share. Where training starts, and a strong model untrained.
/// </summary>
public static class RandomIdfInitializer
{
    /// <param name="documentFrequencies">By piece id.</param>
    /// <param name="documents">N: how many texts were counted.</param>
    public static EmbeddingTable Create(IReadOnlyList<long> documentFrequencies, long documents, int dimensions, ulong seed)
    {
        var table = new EmbeddingTable(documentFrequencies.Count, dimensions);
        var random = new GaussianSource(seed);
        for (var id = 0; id < table.Rows; id++)
        {
            // A piece never seen counts as seen once: as telling as the rarest one.
            var idf = Math.Log((documents + 1.0) / Math.Max(1, documentFrequencies[id]));
            var weight = id == PieceVocabulary.PaddingId ? 0f : (float)(idf / 6);
            foreach (ref var value in table[id])
            {
                value = random.NextGaussian() * weight;
            }
        }

        return table;
    }
}
