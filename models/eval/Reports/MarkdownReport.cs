using System.Globalization;
using System.Text;
using Sutra.Models.Eval.Corpus;

namespace Sutra.Models.Eval.Reports;

/// <summary>The report as people read it: figures × 100.</summary>
internal static class MarkdownReport
{
    public static string Write(EvaluationReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Evaluation on split `{report.Split}` (seed {report.Seed})\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Figures × 100. Document frequencies of the baselines: {report.TrainingPairs:N0} pairs outside the split. ");
        text.Append(CultureInfo.InvariantCulture, $"Fused = BM25 / max BM25 of the query + w · cosine; w tuned on {string.Join(", ", report.TuningSources)}. ");
        text.Append("Words by IDF = a query's vector is the sum of its words' vectors, each times its IDF among the set's documents.\n\n");
        foreach (var warning in report.SourcesSeen.SelectMany(s => s.Warnings))
        {
            text.Append(CultureInfo.InvariantCulture, $"**Warning**: {warning}\n\n");
        }

        text.Append("## Retrieval\n\n");
        Table(text, ["system", "w", "nDCG@10", "recall@10"], report.Retrieval.Select(r => new[]
        {
            Title(r), r.Weight is { } w ? Weight(w) : "", Percent(r.Average.Ndcg), Percent(r.Average.Recall),
        }));
        text.Append("### nDCG@10 per set\n\n");
        Table(text, ["system", .. report.Sets.Select(s => ShortName(s.Source))],
        [
            ["documents", .. report.Sets.Select(s => s.Documents.ToString(CultureInfo.InvariantCulture))],
            ["queries", .. report.Sets.Select(s => s.Queries.ToString(CultureInfo.InvariantCulture))],
            .. report.Retrieval.Select(r => (string[])[Title(r), .. r.Sets.Select(s => Percent(s.Ndcg))]),
        ]);
        text.Append("### recall@10 per set\n\n");
        Table(text, ["system", .. report.Sets.Select(s => ShortName(s.Source))], report.Retrieval.Select(r => (string[])[Title(r), .. r.Sets.Select(s => Percent(s.Recall))]));
        Gains(text, report);
        Similarity(text, report);
        Calibration(text, report);
        return text.ToString();
    }

    private static void Gains(StringBuilder text, EvaluationReport report)
    {
        foreach (var gain in report.FusionGains)
        {
            text.Append(CultureInfo.InvariantCulture, $"### Gain of fused over BM25: {gain.System}, {gain.Dimensions} d\n\n");
            text.Append("nDCG@10 of BM25 + w · cosine less that of BM25, per set and w; the tuned w is in bold.\n\n");
            Table(text, ["w", "average", .. report.Sets.Select(s => ShortName(s.Source))], gain.Weights.Select(w => (string[])
            [
                w.Weight == gain.Tuned ? $"**{Weight(w.Weight)}**" : Weight(w.Weight), Signed(w.Average), .. w.Sets.Select(Signed),
            ]));
        }
    }

    private static void Similarity(StringBuilder text, EvaluationReport report)
    {
        if (report.Similarity.Count == 0)
        {
            return;
        }

        text.Append("## Similarity\n\nSpearman's ρ of cosines with grades. ");
        text.Append(report.Split == Splits.Dictionary
            ? """
              No person graded these pairs, the dictionaries' structure did. Terms (no shared stems): 2 = one gloss, 1 = entries that name the same
              further term, 0 = any two. Glosses: 2 = one term's in both dictionaries, worded differently, 1 = of two terms whose entries name the
              same further term, 0 = of any two. Wordset grew out of WordNet, so its other wordings are often shorter ones. ρ is 94.3 at best.


              """
            : """
              No person graded these pairs, the texts' structure did: 3 = the two halves of one paragraph, 2 = halves of two paragraphs under one
              heading, 1 = of two paragraphs of one source, 0 = of two sources. That is nearness of topic, not sameness of meaning. ρ is 96.8 at best.


              """);
        Table(text, ["system", "average", .. report.SimilaritySets.Select(s => ShortName(s.Name))],
        [
            ["pairs", "", .. report.SimilaritySets.Select(s => s.Pairs.ToString(CultureInfo.InvariantCulture))],
            .. report.Similarity.Select(r => (string[])[r.Title, Percent(r.Average), .. r.Sets.Select(Percent)]),
        ]);
    }

    private static void Calibration(StringBuilder text, EvaluationReport report)
    {
        if (report.Calibration.Count == 0)
        {
            return;
        }

        text.Append("""
            ## Calibration

            Every query twice: with its document in the set, and with that document taken away, so that nothing can be right. The logistic
            P(first is right) = 1 / (1 + e^−(a·score + b)) over all sets together; "moved" = fitted on the other sets, mean over the sets.
            A log loss at the base says nothing more than the share of right answers does. Bins are in the JSON.


            """);
        Table(text, ["model", "score", "a", "b", "log loss", "base", "ECE", "moved: log loss", "moved: ECE"], report.Calibration.Select(c => new[]
        {
            $"{c.System}, {c.Dimensions} d",
            c.Score,
            c.All.Fit.A.ToString("F3", CultureInfo.InvariantCulture),
            c.All.Fit.B.ToString("F3", CultureInfo.InvariantCulture),
            c.All.Figures.LogLoss.ToString("F3", CultureInfo.InvariantCulture),
            c.All.Figures.BaseLogLoss.ToString("F3", CultureInfo.InvariantCulture),
            c.All.Figures.Ece.ToString("F3", CultureInfo.InvariantCulture),
            c.Sets.Average(s => s.Transfer?.LogLoss)?.ToString("F3", CultureInfo.InvariantCulture) ?? "",
            c.Sets.Average(s => s.Transfer?.Ece)?.ToString("F3", CultureInfo.InvariantCulture) ?? "",
        }));
    }

    private static string Title(RetrievalResult result) => result.Weight is null ? result.Title : "BM25 + " + result.Title;

    /// <summary>The repository without its owner.</summary>
    private static string ShortName(string source) => source[(source.IndexOf('+', StringComparison.Ordinal) + 1)..].Replace("osbooks-", "", StringComparison.Ordinal);

    private static string Weight(float weight) => weight.ToString("0.0#", CultureInfo.InvariantCulture);

    private static string Signed(double value) => (value * 100).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Percent(double value) => (value * 100).ToString("F1", CultureInfo.InvariantCulture);

    private static void Table(StringBuilder text, IReadOnlyList<string> header, IEnumerable<string[]> rows)
    {
        text.Append("| ").AppendJoin(" | ", header).Append(" |\n|---").Append(string.Concat(Enumerable.Repeat("|---:", header.Count - 1))).Append("|\n");
        foreach (var row in rows)
        {
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }

        text.Append('\n');
    }
}
