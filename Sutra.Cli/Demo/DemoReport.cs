using System.Globalization;
using Spectre.Console;
using Sutra.Contracts.Api;
using Sutra.Examples.Finance;

namespace Sutra.Cli.Demo;

/// <summary>How the demo's results look.</summary>
internal static class DemoReport
{
    public static void Write(IAnsiConsole console, IngestionResult result) =>
        console.MarkupLine(string.Create(
            CultureInfo.InvariantCulture,
            $"[green]✓[/] {result.Rows:N0} rows learnt in {result.Elapsed.TotalSeconds:F1} s: [bold]{result.RowsPerSecond:N0} rows/s[/], learn p50 {result.Quantile(0.5).TotalMilliseconds:F1} ms, p95 {result.Quantile(0.95).TotalMilliseconds:F1} ms"));

    public static void Write(IAnsiConsole console, ExampleQuestion question, QueryResponse response, TimeSpan elapsed, bool right)
    {
        var evidence = new Table().Border(TableBorder.Simple).BorderColor(Color.Grey).Expand()
            .AddColumn(new TableColumn("[grey]#[/]").RightAligned())
            .AddColumn(new TableColumn("[grey]score[/]").RightAligned())
            .AddColumn(new TableColumn("[grey]evidence[/]"));
        foreach (var (rank, concept) in response.Evidence.Index())
        {
            evidence.AddRow(
                (rank + 1).ToString(CultureInfo.InvariantCulture),
                concept.Score.ToString("F3", CultureInfo.InvariantCulture),
                Markup.Escape(FirstSentence(concept.Content)));
        }

        var answer = response.Answer is null
            ? $"[yellow]no answer: {Markup.Escape(response.NoAnswerReason ?? "no reason given")}[/]"
            : $"[bold]{Markup.Escape(response.Answer)}[/]";
        var verdict = right ? $"[green]✓ {question.ExpectedValue}[/]" : $"[red]✗ expected {question.ExpectedValue}[/]";
        var timing = response.Timing;
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{verdict}  [grey]confidence[/] {response.Confidence:P0}  [grey]took[/] {elapsed.TotalMilliseconds:F1} ms [grey](embed {timing.EmbedMs:F1}, search {timing.SearchMs:F1}, answer {timing.AnswerMs:F1})[/]");

        console.WriteLine();
        console.Write(new Panel(new Rows(new Markup(answer), new Text(""), new Markup(figures), evidence))
            .Header($"[bold blue] {Markup.Escape(question.Text)} [/]")
            .Border(BoxBorder.Rounded)
            .BorderColor(right ? Color.Green : Color.Red)
            .Expand());
    }

    private static string FirstSentence(string content)
    {
        var end = content.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? content : content[..(end + 1)];
    }
}
