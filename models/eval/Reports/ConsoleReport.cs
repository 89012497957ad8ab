using System.Globalization;
using Spectre.Console;

namespace Sutra.Models.Eval.Reports;

/// <summary>The averages, for whoever ran it.</summary>
internal static class ConsoleReport
{
    public static void Write(EvaluationReport report, IAnsiConsole console)
    {
        foreach (var warning in report.SourcesSeen.SelectMany(s => s.Warnings))
        {
            // Past the console's line wrapping, as the steps.
            console.Profile.Out.Writer.WriteLine($"warning: {warning}");
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn("system").AddColumn(new TableColumn("w").RightAligned())
            .AddColumn(new TableColumn("nDCG@10").RightAligned()).AddColumn(new TableColumn("recall@10").RightAligned());
        foreach (var r in report.Retrieval)
        {
            table.AddRow(
                Markup.Escape((r.Weight is null ? "" : "BM25 + ") + r.Title),
                r.Weight?.ToString("0.0#", CultureInfo.InvariantCulture) ?? "",
                (r.Average.Ndcg * 100).ToString("F1", CultureInfo.InvariantCulture),
                (r.Average.Recall * 100).ToString("F1", CultureInfo.InvariantCulture));
        }

        console.Write(table);
        if (report.Similarity.Count > 0)
        {
            var similarity = new Table().Border(TableBorder.Simple).AddColumn("system").AddColumn(new TableColumn("Spearman").RightAligned());
            foreach (var r in report.Similarity)
            {
                similarity.AddRow(Markup.Escape(r.Title), (r.Average * 100).ToString("F1", CultureInfo.InvariantCulture));
            }

            console.Write(similarity);
        }
    }
}
