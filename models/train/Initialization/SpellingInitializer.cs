using System.Collections.Concurrent;
using System.Numerics.Tensors;
using Sutra.Models.Train.Vocabulary;

namespace Sutra.Models.Train.Initialization;

/// <summary>
/// Gives pieces that are spelt alike a common part, so that "market", "markets" and "marketing" are close before anything is learnt: to a
/// random row comes the sum of random vectors of its character n-grams (3 to 5 letters, the start of a word marked), as fastText has it
/// (Bojanowski et al., 2017). The row keeps its length.
/// </summary>
public static class SpellingInitializer
{
    private const int Shortest = 3;
    private const int Longest = 5;
    private const char WordStart = '<';

    /// <param name="table">Random rows, scaled as they shall be; changed in place.</param>
    /// <param name="share">Length of the spelling's part beside the random one's, e.g. 1.5; 0 changes nothing.</param>
    public static void Apply(EmbeddingTable table, PieceVocabulary vocabulary, float share, ulong seed, int threads)
    {
        if (share <= 0)
        {
            return;
        }

        var known = new ConcurrentDictionary<string, float[]>(StringComparer.Ordinal);
        Parallel.For(0, table.Rows, new ParallelOptions { MaxDegreeOfParallelism = threads }, id =>
        {
            var grams = Grams(vocabulary.Pieces[id]);
            if (grams.Count == 0)
            {
                return;
            }

            var spelling = new float[table.Dimensions];
            foreach (var gram in grams)
            {
                TensorPrimitives.Add(spelling, known.GetOrAdd(gram, text => Draw(text, table.Dimensions, seed)), spelling);
            }

            var row = table[id];
            var length = Length(row);
            TensorPrimitives.MultiplyAdd(spelling, (float)(share * length / Length(spelling)), row, row);
            TensorPrimitives.Multiply(row, (float)(length / Length(row)), row);
        });
    }

    /// <returns>None for what is no word of at least three letters: numbers and marks are not alike because they look alike.</returns>
    private static List<string> Grams(string piece)
    {
        var continues = piece.StartsWith(PieceVocabulary.ContinuationPrefix, StringComparison.Ordinal);
        var letters = continues ? piece[PieceVocabulary.ContinuationPrefix.Length..] : piece;
        if (letters.Length < Shortest || !letters.All(char.IsLetter))
        {
            return [];
        }

        var text = continues ? letters : WordStart + letters;
        var grams = new List<string>();
        for (var size = Shortest; size <= Math.Min(Longest, text.Length); size++)
        {
            for (var start = 0; start + size <= text.Length; start++)
            {
                grams.Add(text.Substring(start, size));
            }
        }

        return grams;
    }

    private static float[] Draw(string gram, int dimensions, ulong seed)
    {
        // FNV-1a, so that a gram is the same vector in every vocabulary of a seed.
        var hash = gram.Aggregate(14695981039346656037UL ^ seed, (value, c) => (value ^ c) * 1099511628211UL);
        var random = new GaussianSource(hash);
        var vector = new float[dimensions];
        foreach (ref var value in vector.AsSpan())
        {
            value = random.NextGaussian();
        }

        return vector;
    }

    // Added up in one order, whatever the width of the machine's registers: a seed gives the same bits everywhere.
    private static double Length(ReadOnlySpan<float> vector)
    {
        var squares = 0.0;
        foreach (var value in vector)
        {
            squares += (double)value * value;
        }

        return Math.Sqrt(squares);
    }
}
