namespace Sutra.Api.Querying;

/// <param name="Text">Sentences of the best evidence, word for word; null when there is no answer.</param>
/// <param name="Confidence">0..1.</param>
/// <param name="NoAnswerReason">Why there is no answer.</param>
internal sealed record Answer(string? Text, double Confidence, string? NoAnswerReason);

/// <summary>
/// Takes the answer out of the best evidence, or says why there is none.
/// <para>
/// Confidence = 0.35 · cosine + 0.65 · coverage of the best evidence, both 0..1 (cosine alone when the question has no terms).
/// Coverage is the share of the question's terms that the evidence has, weighed by their rarity among the candidates, dates,
/// numbers and names most. So it never falls when evidence says more of what was asked. Two cases bound it at 0.25, below what
/// is answered: a date or number that was asked for is not in the evidence, or a name is not and little else of the question is.
/// It measures support by the evidence, not the chance that the evidence is true; it is not calibrated against judged answers.
/// </para>
/// </summary>
internal static class AnswerExtractor
{
    /// <summary>Below this much support nothing is answered.</summary>
    public const double MinConfidence = 0.3;

    private const double UnsupportedConfidence = 0.25;
    private const double CoverageNeededWithoutName = 0.35;
    private const double CosineShare = 0.35;

    private const int MaxSentences = 3;
    private const double MinGain = 0.25;

    public static Answer Extract(IReadOnlyList<Term> question, IReadOnlyList<Ranked> ranked, CancellationToken cancellation)
    {
        if (ranked.Count == 0)
        {
            return new Answer(null, 0, "Nothing has been learned that could be compared with the question.");
        }

        var best = ranked[0];
        var confidence = Confidence(question, best);
        if (best.Missing.Any(term => term.Kind == TermKind.Exact))
        {
            return new Answer(null, Math.Min(confidence, UnsupportedConfidence), "The evidence does not have the date or number that the question names.");
        }

        if (best.Coverage < CoverageNeededWithoutName && best.Missing.Any(term => term.Kind == TermKind.Name))
        {
            return new Answer(null, Math.Min(confidence, UnsupportedConfidence), "The evidence does not speak of what the question names.");
        }

        return confidence < MinConfidence
            ? new Answer(null, confidence, "The evidence is too far from the question.")
            : new Answer(Pick(question, Sentences.Split(best.Candidate.Content), cancellation), confidence, null);
    }

    private static double Confidence(IReadOnlyList<Term> question, Ranked best)
    {
        var cosine = Math.Clamp(best.Candidate.Cosine, 0, 1);
        return question.Count == 0 ? cosine : Math.Round((CosineShare * cosine) + ((1 - CosineShare) * best.Coverage), 4);
    }

    /// <summary>The sentence that has most of the question, and further ones while they add a good part of what is still missing; in the text's order.</summary>
    private static string Pick(IReadOnlyList<Term> question, IReadOnlyList<string> sentences, CancellationToken cancellation)
    {
        // Of each sentence only what the question asks for.
        var wanted = question.Select(term => term.Text).ToHashSet(StringComparer.Ordinal);
        var offered = new HashSet<string>[sentences.Count];
        for (var i = 0; i < offered.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            offered[i] = Tokenizer.Offered(sentences[i]);
            offered[i].IntersectWith(wanted);
        }

        var weights = question
            .Select(term => (term.Text, Count: offered.Count(terms => terms.Contains(term.Text))))
            .Where(term => term.Count > 0)
            .ToDictionary(term => term.Text, term => Math.Log(1 + ((double)offered.Length / term.Count)), StringComparer.Ordinal);
        var total = weights.Values.Sum();
        var open = weights.Keys.ToHashSet(StringComparer.Ordinal);
        var picked = new SortedSet<int>();
        while (picked.Count < MaxSentences && picked.Count < sentences.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            var (index, gain) = Enumerable.Range(0, sentences.Count)
                .Where(i => !picked.Contains(i))
                .Select(i => (i, open.Where(offered[i].Contains).Sum(term => weights[term])))
                .MaxBy(one => one.Item2);
            if (picked.Count > 0 && (total <= 0 || gain < MinGain * total))
            {
                break;
            }

            picked.Add(index);
            open.ExceptWith(offered[index]);
        }

        return string.Join(' ', picked.Select(i => sentences[i]));
    }
}
