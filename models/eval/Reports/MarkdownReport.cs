using System.Globalization;
using System.Text;

namespace Sutra.Models.Eval.Reports;

/// <summary>The report as people read it: figures × 100.</summary>
internal static class MarkdownReport
{
    public static string Write(EvaluationReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Evaluation on split `{report.Split}` (seed {report.Seed})\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Figures × 100. Document frequencies of the baselines: {report.TrainingPairs:N0} pairs outside the split. ");
        text.Append(CultureInfo.InvariantCulture, $"Fused = BM25 / max BM25 of the query + w · cosine; w tuned on {string.Join(", ", report.TuningSources)}, which training has seen.\n\n");
        text.Append("## Retrieval\n\n");
        Table(text, ["system", "w", "nDCG@10", "recall@10"], report.Retrieval.Select(r => new[]
        {
            Title(r), r.Weight?.ToString("0.0", CultureInfo.InvariantCulture) ?? "", Percent(r.Average.Ndcg), Percent(r.Average.Recall),
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
        return text.ToString();
    }

    private static string Title(RetrievalResult result) => result.Weight is null ? result.Title : "BM25 + " + result.Title;

    /// <summary>The repository without its owner.</summary>
    private static string ShortName(string source) => source[(source.IndexOf('+', StringComparison.Ordinal) + 1)..].Replace("osbooks-", "", StringComparison.Ordinal);

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
