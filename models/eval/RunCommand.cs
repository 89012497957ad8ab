using System.CommandLine;
using System.Text;
using Spectre.Console;
using Sutra.Embedder.Models;
using Sutra.Models.Eval.Reports;

namespace Sutra.Models.Eval;

/// <summary><c>run</c>: models and baselines on the sources of a split.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var pairs = new Option<FileInfo>("--pairs") { Description = "Lines anchor<TAB>positive, UTF-8, .gz too.", Required = true };
        var sources = new Option<FileInfo>("--source-ids") { Description = "A source id per line, in the order of the pairs; .gz too.", Required = true };
        var split = new Option<string>("--split") { Description = "Which list of splits.json to measure on: docs, dictionary.", DefaultValueFactory = _ => "docs" };
        var splits = new Option<FileInfo?>("--splits") { Description = "Another splits.json than the one beside the program." };
        var models = new Option<DirectoryInfo[]>("--model") { Description = "A model folder; may be given again." };
        var json = new Option<FileInfo?>("--json") { Description = "Where to write the report as JSON." };
        var markdown = new Option<FileInfo?>("--markdown") { Description = "Where to write the report as Markdown." };
        var seed = new Option<ulong>("--seed") { Description = "The same seed draws the same sets.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { Description = "Threads to use.", DefaultValueFactory = _ => Environment.ProcessorCount };

        var command = new Command("run", "Measure retrieval of models and baselines on sources that were held out.")
        {
            pairs, sources, split, splits, models, json, markdown, seed, threads,
        };
        command.SetAction(parsed =>
        {
            var options = new EvaluationOptions(
                parsed.GetValue(pairs)!.FullName,
                parsed.GetValue(sources)!.FullName,
                parsed.GetValue(split)!,
                [.. (parsed.GetValue(models) ?? []).Select(m => m.FullName)])
            {
                Seed = parsed.GetValue(seed),
                Threads = Math.Max(1, parsed.GetValue(threads)),
            };
            if (parsed.GetValue(splits) is { } path)
            {
                options = options with { SplitsPath = path.FullName };
            }

            return Run(options, parsed.GetValue(json)?.FullName, parsed.GetValue(markdown)?.FullName);
        });
        return command;
    }

    private static int Run(EvaluationOptions options, string? json, string? markdown)
    {
        try
        {
            var report = new Evaluation(options, AnsiConsole.Console).Run();
            Write(json, () => JsonReport.Write(report));
            Write(markdown, () => MarkdownReport.Write(report));
            ConsoleReport.Write(report, AnsiConsole.Console);
            return 0;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or UnauthorizedAccessException or ModelException)
        {
            Console.Error.WriteLine($"sutra-eval: {e.Message}");
            return 1;
        }
    }

    private static void Write(string? path, Func<string> text)
    {
        if (path is not null)
        {
            File.WriteAllText(path, text(), new UTF8Encoding(false));
        }
    }
}
