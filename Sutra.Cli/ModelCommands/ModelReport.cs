using System.Globalization;
using Spectre.Console;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;

namespace Sutra.Cli.ModelCommands;

/// <summary>How models look.</summary>
internal static class ModelReport
{
    public static void Write(IAnsiConsole console, PullResult result)
    {
        var model = result.Model;
        console.MarkupLineInterpolated($"[green]✓[/] {model.Id} {model.Precision.ToName()}, {Size(model.Bytes)}, licence {model.Licence ?? "unknown"}{(result.WasThere ? ": was there, and is whole" : "")}");
        console.WriteLine($"  {model.Path}");
        foreach (var note in result.Notes)
        {
            console.WriteLine($"  {note}");
        }
    }

    public static void Write(IAnsiConsole console, StoredModel model, IReadOnlyList<string> problems)
    {
        var mark = problems.Count == 0 ? "[green]✓[/]" : "[red]✗[/]";
        console.MarkupLine($"{mark} {Markup.Escape(model.Id)} {model.Precision.ToName()}, {Size(model.Bytes)}");
        foreach (var problem in problems)
        {
            console.WriteLine($"  {problem}");
        }
    }

    public static void Write(IAnsiConsole console, ModelCatalog catalog, ModelStore store, DateTimeOffset now)
    {
        var models = store.List();
        if (models.Count > 0)
        {
            var table = Table("here", "revision", "precision").AddColumn(new TableColumn("size").RightAligned()).AddColumns("licence", "last used");
            foreach (var model in models)
            {
                AddRow(table, model.Name, model.Revision[..12], model.Precision.ToName(), Size(model.Bytes), model.Licence ?? "unknown", Ago(now - model.LastUsed));
            }

            console.Write(table);
        }

        var known = Table("to pull", "dimensions", "tokens", "precisions", "languages", "licence");
        foreach (var entry in catalog.Entries.Where(entry => entry.Repository is not null))
        {
            AddRow(
                known,
                entry.Id,
                string.Join(' ', entry.MatryoshkaDimensions.Append(entry.Dimensions).Distinct()),
                entry.MaxTokens.ToString(CultureInfo.InvariantCulture),
                string.Join(", ", entry.Quantizations.Select(quantization => quantization.Size is { } size ? $"{quantization.Precision} {Size(size)}" : quantization.Precision)),
                string.Join(' ', entry.Languages),
                entry.Licence);
        }

        console.Write(known);
        console.WriteLine($"Any other model: ./sutra model pull owner/name. The store is {store.Root}.");
        foreach (var broken in store.Broken())
        {
            console.WriteLine($"damaged: {broken}");
        }
    }

    public static string Size(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
    };

    private static string Ago(TimeSpan age) => age switch
    {
        { TotalDays: >= 2 } => $"{(int)age.TotalDays} days ago",
        { TotalHours: >= 2 } => $"{(int)age.TotalHours} hours ago",
        { TotalMinutes: >= 2 } => $"{(int)age.TotalMinutes} minutes ago",
        _ => "just now",
    };

    private static Table Table(params string[] columns) => new Table().Border(TableBorder.Simple).AddColumns(columns);

    private static void AddRow(Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);
}
