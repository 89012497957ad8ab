namespace Sutra.Api.Querying;

/// <param name="Text">Sentences of the best evidence, word for word; null when there is no answer.</param>
/// <param name="Confidence">How much the evidence supports it, 0..1.</param>
/// <param name="NoAnswerReason">Why there is no answer.</param>
internal sealed record Answer(string? Text, double Confidence, string? NoAnswerReason)
{
    /// <summary>Where the sentences of the answer are in the best evidence, in the answer's order.</summary>
    public IReadOnlyList<(int Start, int End)> Places { get; init; } = [];
}

/// <summary>
/// Takes the answer out of the best evidence, or says why there is none.
/// <para>
/// Confidence = 0.35 · cosine + 0.65 · coverage of the best evidence, both 0..1 (cosine alone when the question has no terms).
/// Coverage is the share of the question's terms that the evidence has in its first <see cref="Tokenizer.MaxCharacters"/>
/// characters, weighed by their rarity among the candidates, dates, numbers and names most. So it never falls when evidence says
/// more of what was asked. Two cases bound it at 0.25, below what is answered: a date or number that was asked for is nowhere in
/// the evidence, or a name is not and little else of the question is.
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

    public static Answer Extract(IReadOnlyList<Term> question, IReadOnlyList<Ranked> ranked, CancellationToken cancellation)
    {
        if (ranked.Count == 0)
        {
            return new Answer(null, 0, "Nothing has been learned that could be compared with the question.");
        }

        var best = ranked[0];
        var confidence = Confidence(question, best);
        var missing = Missing(best);
        if (missing.Any(term => term.Kind == TermKind.Exact))
        {
            return new Answer(null, Math.Min(confidence, UnsupportedConfidence), "The evidence does not have the date or number that the question names.");
        }

        if (best.Coverage < CoverageNeededWithoutName && missing.Any(term => term.Kind == TermKind.Name))
        {
            return new Answer(null, Math.Min(confidence, UnsupportedConfidence), "The evidence does not speak of what the question names.");
        }

        return confidence < MinConfidence
            ? new Answer(null, confidence, "The evidence is too far from the question.")
            : Pick(question, best.Candidate.Content, confidence, cancellation);
    }

    private static double Confidence(IReadOnlyList<Term> question, Ranked best)
    {
        var cosine = Math.Clamp(best.Candidate.Cosine, 0, 1);
        return question.Count == 0 ? cosine : Math.Round((CosineShare * cosine) + ((1 - CosineShare) * best.Coverage), 4);
    }

    /// <summary>What the whole text lacks: it was ranked by its beginning.</summary>
    private static IReadOnlyList<Term> Missing(Ranked best)
    {
        var content = best.Candidate.Content;
        if (best.Missing.Count == 0 || content.Length <= Tokenizer.MaxCharacters)
        {
            return best.Missing;
        }

        var offered = Tokenizer.Offered(content, content.Length);
        return [.. best.Missing.Where(term => !offered.Contains(term.Text))];
    }

    private static Answer Pick(IReadOnlyList<Term> question, string content, double confidence, CancellationToken cancellation)
    {
        var sentences = Sentences.Split(content);
        var numbers = question.Select((term, place) => (term.Text, place)).ToDictionary(StringComparer.Ordinal);
        var offered = new int[sentences.Count][];
        for (var i = 0; i < offered.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();

            // Of each sentence only what the question asks for.
            offered[i] = [.. Tokenizer.Offered(sentences[i]).Where(numbers.ContainsKey).Select(text => numbers[text]).Order()];
        }

        var picked = SentencePicker.Pick(question.Count, offered, cancellation);
        var places = new List<(int, int)>();
        var from = 0;
        for (var i = 0; i < sentences.Count; i++)
        {
            // They stand in the content in this order, as they are.
            var start = content.IndexOf(sentences[i], from, StringComparison.Ordinal);
            from = start + sentences[i].Length;
            if (picked.Contains(i))
            {
                places.Add((start, from));
            }
        }

        return new Answer(string.Join(' ', picked.Select(i => sentences[i])), confidence, null) { Places = places };
    }
}
