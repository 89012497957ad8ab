namespace Sutra.Api.Querying;

/// <summary>What the search found.</summary>
/// <param name="Cosine">Cosine similarity to the question, -1..1.</param>
internal sealed record Candidate(string ConceptId, string Content, double Cosine, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>How good its words are beside those of the best, 0..1; null when only vectors were compared.</summary>
    public double? Wording { get; init; }

    /// <summary>How well the best lead to it, 0..1.</summary>
    public double Graph { get; init; }

    /// <summary>Cosine similarity of the heading above it to the question, 0..1; null where none is.</summary>
    public double? Heading { get; init; }

    /// <summary>It has the metadata that the question names.</summary>
    public bool IsNamed { get; init; }
}

/// <param name="Coverage">Share of the question's terms, by weight, that the content has: 0..1.</param>
/// <param name="Score">What is ranked by: 0..1.</param>
internal sealed record Ranked(Candidate Candidate, double Coverage, double Score, IReadOnlyList<Term> Missing);

/// <summary>
/// Orders candidates by meaning and by wording. Vectors blur exactly what many questions turn on, such as one date among
/// hundreds of alike days; the rarer a term of the question is among the candidates, the more it decides.
/// </summary>
internal static class Reranker
{
    // Where only vectors were compared.
    private const double CosineWeight = 0.5;
    private const double ExactFactor = 1.5;
    private const double GraphWeight = 0.05;
    private const double NamedWeight = 0.2;

    // Of a question in ordinary words: they may all be missing from what answers it. Of one of names, numbers and dates: these decide.
    private static readonly Weights s_loose = new(Cosine: 1, Coverage: 0.1, Wording: 0.35);
    private static readonly Weights s_strict = new(Cosine: 0.5, Coverage: 0.5, Wording: 0.15);
    private const double HeadingWeight = 0.25;

    // A word that no candidate has is as likely the asker's way of putting it as something that is missing.
    private const double UnknownWordFactor = 0.35;

    /// <returns>Best first; equal scores in the order given.</returns>
    /// <exception cref="OperationCanceledException">Looked for before each candidate.</exception>
    public static IReadOnlyList<Ranked> Rank(IReadOnlyList<Term> question, IReadOnlyList<Candidate> candidates, CancellationToken cancellation)
    {
        var holders = new int[question.Count];
        var has = new bool[candidates.Count][];
        for (var i = 0; i < candidates.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();

            // Only what the question asks for is kept: the terms of a thousand long texts would fill the memory.
            var offered = Tokenizer.Offered(candidates[i].Content);
            has[i] = [.. question.Select(term => offered.Contains(term.Text))];
            for (var t = 0; t < holders.Length; t++)
            {
                holders[t] += has[i][t] ? 1 : 0;
            }
        }

        var weights = question.Select((term, t) => Weight(term, holders[t], candidates.Count)).ToArray();
        var total = weights.Sum();
        var strict = total > 0 ? question.Select((term, t) => term.Kind == TermKind.Word ? 0 : weights[t]).Sum() / total : 0;
        var legs = Weights.Between(s_loose, s_strict, strict);
        var ranked = new List<Ranked>(candidates.Count);
        for (var i = 0; i < candidates.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var covered = 0.0;
            var missing = new List<Term>();
            for (var t = 0; t < question.Count; t++)
            {
                if (has[i][t])
                {
                    covered += weights[t];
                }
                else
                {
                    missing.Add(question[t]);
                }
            }

            var cosine = Math.Clamp(candidates[i].Cosine, 0, 1);
            var coverage = total > 0 ? covered / total : 0;
            var score = candidates[i].Wording is { } wording ? legs.Score(candidates[i], cosine, coverage, wording)
                : total > 0 ? (CosineWeight * cosine) + ((1 - CosineWeight) * coverage)
                : cosine;
            ranked.Add(new Ranked(candidates[i], coverage, score, missing));
        }

        return [.. ranked.OrderByDescending(one => one.Score)];
    }

    /// <summary>A date or number that is asked for and that none of the candidates has.</summary>
    public static bool LacksExactTerm(IReadOnlyList<Term> question, IReadOnlyList<Ranked> ranked)
    {
        var lacking = question.Where(term => term.Kind == TermKind.Exact).ToHashSet();
        foreach (var one in ranked)
        {
            lacking.IntersectWith(one.Missing);
        }

        return lacking.Count > 0;
    }

    private static double Weight(Term term, int holders, int candidates)
    {
        var rarity = Math.Log(1 + ((candidates - holders + 0.5) / (holders + 0.5)));
        return term.Kind switch
        {
            TermKind.Word => holders == 0 ? UnknownWordFactor * rarity : rarity,
            _ => ExactFactor * rarity,
        };
    }

    /// <param name="Wording">Of BM25.</param>
    private readonly record struct Weights(double Cosine, double Coverage, double Wording)
    {
        public static Weights Between(Weights loose, Weights strict, double share) => new(
            double.Lerp(loose.Cosine, strict.Cosine, share), double.Lerp(loose.Coverage, strict.Coverage, share), double.Lerp(loose.Wording, strict.Wording, share));

        public double Score(Candidate candidate, double cosine, double coverage, double wording)
        {
            // Without a heading the text has to stand for it.
            var heading = candidate.Heading ?? cosine;
            return ((Cosine * cosine) + (Coverage * coverage) + (Wording * wording) + (HeadingWeight * heading) + (GraphWeight * candidate.Graph) + (candidate.IsNamed ? NamedWeight : 0))
                / (Cosine + Coverage + Wording + HeadingWeight + GraphWeight + NamedWeight);
        }
    }
}
