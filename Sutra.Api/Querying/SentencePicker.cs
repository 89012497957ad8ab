namespace Sutra.Api.Querying;

/// <summary>Chooses the sentences that answer, by the terms of the question that each has.</summary>
internal static class SentencePicker
{
    public const int MaxSentences = 3;
    private const double MinGain = 0.25;

    /// <summary>
    /// The sentence that has most of the question, and further ones while they add a good part of what is still missing. A pass
    /// over the sentences to count and one for each that is picked, whatever the question.
    /// </summary>
    /// <param name="terms">How many terms the question has.</param>
    /// <param name="offered">Of each sentence, the places of the question's terms that it has, each once.</param>
    /// <returns>Indexes of at most <see cref="MaxSentences"/> sentences, in the text's order.</returns>
    /// <exception cref="OperationCanceledException">Looked for before each sentence.</exception>
    public static IReadOnlyCollection<int> Pick(int terms, IReadOnlyList<IReadOnlyList<int>> offered, CancellationToken cancellation)
    {
        var weights = Weights(terms, offered, cancellation);
        var total = weights.Sum();
        var picked = new SortedSet<int>();
        while (picked.Count < MaxSentences && picked.Count < offered.Count)
        {
            var (best, gain) = (-1, double.NegativeInfinity);
            for (var i = 0; i < offered.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!picked.Contains(i) && offered[i].Sum(term => weights[term]) is var more && more > gain)
                {
                    (best, gain) = (i, more);
                }
            }

            if (picked.Count > 0 && (total <= 0 || gain < MinGain * total))
            {
                break;
            }

            picked.Add(best);
            foreach (var term in offered[best])
            {
                // No longer missing.
                weights[term] = 0;
            }
        }

        return picked;
    }

    /// <summary>The fewer sentences have a term, the more it weighs; 0 when none has it.</summary>
    private static double[] Weights(int terms, IReadOnlyList<IReadOnlyList<int>> offered, CancellationToken cancellation)
    {
        var counts = new int[terms];
        for (var i = 0; i < offered.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var term in offered[i])
            {
                counts[term]++;
            }
        }

        return [.. counts.Select(count => count == 0 ? 0 : Math.Log(1 + ((double)offered.Count / count)))];
    }
}
