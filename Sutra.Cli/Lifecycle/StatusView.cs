using System.Globalization;
using Spectre.Console;

namespace Sutra.Cli.Lifecycle;

/// <summary>The table of <c>sutra status</c>.</summary>
internal static class StatusView
{
    /// <param name="appHost">Pid of this checkout's AppHost, when one runs.</param>
    /// <param name="report">Null: nothing answers at <paramref name="gateway"/>.</param>
    /// <param name="infrastructure">What the AppHost chose, one part per line.</param>
    public static void Write(IAnsiConsole console, Uri gateway, int? appHost, HealthReport? report, string? infrastructure)
    {
        if (report is null)
        {
            console.WriteLine(appHost is null
                ? $"Sutra is not up: nothing answers at {gateway}."
                : $"Sutra is starting or broken: process {appHost} runs, but nothing answers at {gateway}.");
            return;
        }

        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("component", "status")
            .AddColumn(new TableColumn("ms").RightAligned())
            .AddColumn("what it says");
        foreach (var component in report.Components)
        {
            table.AddRow(
                Markup.Escape(component.Name),
                $"[{Colour(component.Status)}]{Markup.Escape(component.Status)}[/]",
                component.DurationMs.ToString("0.0", CultureInfo.InvariantCulture),
                Markup.Escape(component.Description ?? ""));
        }

        console.MarkupLine($"Sutra at {Markup.Escape(gateway.ToString())} is [{Colour(report.Status)}]{Markup.Escape(report.Status)}[/]{(appHost is { } pid ? $" (process {pid})" : "")}");
        console.Write(table);
        foreach (var line in infrastructure?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            console.WriteLine(line);
        }
    }

    private static string Colour(string status) => status switch
    {
        "Healthy" => "green",
        "Degraded" => "yellow",
        _ => "red",
    };
}
