using Sutra.Api.Planning;
using Sutra.Api.Querying;
using Sutra.Api.Understanding;

namespace Sutra.Api.Calibration;

/// <summary>What the probability that an answer is right follows from.</summary>
internal static class Features
{
    private const int MaxWords = 3;

    /// <param name="unexplained">Words of the question that nothing explains, the evidence included; how little each is like what is explained, 0..1.</param>
    public static Dictionary<string, double> OfPlan(Question question, PlannedAnswer answer, IReadOnlyList<(UnexplainedWord Word, double Strangeness)> unexplained)
    {
        var measures = question.Measures;
        var best = measures.Count > 0 ? measures[0].Score : 0;
        var gap = measures.Count > 1 ? best - measures[1].Score : 1;
        return new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["unexplained"] = Math.Min(MaxWords, unexplained.Where(one => !one.Word.IsName).Sum(one => one.Strangeness)),
            ["unexplained_names"] = Math.Min(MaxWords, unexplained.Where(one => one.Word.IsName).Sum(one => one.Strangeness)),
            ["measure_close"] = measures.Count > 0 ? 1 - Math.Clamp(gap / 0.3, 0, 1) : 0,
            ["measure_weak"] = 1 - Math.Clamp(best / 0.7, 0, 1),
            ["unsure"] = question.Mentions.Count(mention => !mention.IsSure),
            ["assumed"] = question.Times.Any(time => time.IsAssumed) ? 1 : 0,
            ["choices"] = Math.Min(MaxWords, answer.Choices),
            ["time_missing"] = 1 - Math.Clamp(answer.TimeCovered / 0.9, 0, 1),
            [$"is_{answer.Kind}"] = 1,
        };
    }

    /// <param name="support">What the extractor says.</param>
    public static Dictionary<string, double> OfRetrieval(Question question, IReadOnlyList<Ranked> ranked, Answer support)
    {
        var best = ranked[0];
        var used = question.Mentions.SelectMany(mention => Enumerable.Range(mention.First, mention.Last - mention.First + 1))
            .Concat(question.Times.SelectMany(time => Enumerable.Range(time.FirstToken, time.LastToken - time.FirstToken + 1))).ToHashSet();

        // What is left of the question when what it is about is taken away: a text about the right thing need not say what was asked.
        var offered = Tokenizer.Offered(best.Candidate.Content);
        var rest = question.Tokens.Where((token, i) => !used.Contains(i) && token.Kind != TokenKind.Number && token.Kind != TokenKind.Date)
            .Select(token => token.Text.ToLowerInvariant()).Where(word => !Lexicon.IsNeutral(word)).Select(Stemmer.Stem).Distinct(StringComparer.Ordinal).ToList();
        var missing = question.Terms.Where(term => !offered.Contains(term.Text)).ToList();
        var share = rest.Count == 0 ? 1 : (double)rest.Count(offered.Contains) / rest.Count;
        return new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["cosine"] = Math.Clamp(best.Candidate.Cosine, 0, 1),
            ["coverage"] = best.Coverage,
            ["rest_coverage"] = share,
            ["rest_missing"] = rest.Count > 0 && share == 0 ? 1 : 0,
            ["support"] = support.Confidence,
            ["missing_exact"] = missing.Any(term => term.Kind == TermKind.Exact) ? 1 : 0,
            ["missing_name"] = missing.Any(term => term.Kind == TermKind.Name) ? 1 : 0,
            ["named"] = best.Candidate.IsNamed ? 1 : 0,
            ["margin"] = ranked.Count > 1 ? Math.Clamp((best.Score - ranked[1].Score) * 10, 0, 1) : 1,
            ["why"] = question.Has(Cue.Why) && !SaysWhy(offered) ? 1 : 0,
        };
    }

    private static bool SaysWhy(HashSet<string> offered) =>
        new[] { "because", "due", "after", "caus", "reason", "owing", "since", "therefor", "result" }.Any(offered.Contains);
}
