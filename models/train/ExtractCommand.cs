using System.CommandLine;
using Spectre.Console;
using Sutra.Models.Train.Extraction;

namespace Sutra.Models.Train;

/// <summary><c>extract</c>: from folders of Markdown, HTML and CSV files to a pairs file.</summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        var defaults = new ExtractOptions([], "");
        var folders = new Argument<DirectoryInfo[]>("folders") { Description = "Trees of .md, .html, .csv and .tsv files.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<FileInfo>("--output") { Description = "The pairs file: lines anchor<TAB>positive; gzip when it ends in .gz.", Required = true };
        var sources = new Option<FileInfo?>("--source-ids") { Description = "A second file with the source of each pair, line by line: the tree's first-level folder, or the tree itself when there are several." };
        var columns = new Option<string?>("--csv-columns") { Description = "anchor,positive of CSV and TSV files: names, or numbers from 1. Without it they are skipped." };
        var seed = new Option<ulong?>("--seed") { Description = "Shuffle the pairs. Without it they keep the order of the files." };
        var minimumAnchor = Number("--min-anchor", "Characters of an anchor, at least.", defaults.MinimumAnchor);
        var maximumAnchor = Number("--max-anchor", "Characters of an anchor, at most; longer ones are left out.", defaults.MaximumAnchor);
        var minimumPositive = Number("--min-positive", "Characters of a positive, at least.", defaults.MinimumPositive);
        var maximumPositive = Number("--max-positive", "Characters of a positive, at most; longer ones are cut.", defaults.MaximumPositive);
        var passages = Number("--passages", "Passages taken of the text below one heading.", defaults.PassagesPerHeading);
        var boilerplate = Number("--boilerplate", "A positive in so many files is boilerplate and left out; 0 = keep all.", defaults.BoilerplateFiles);
        var megabytes = Number("--max-file-mb", "Larger Markdown and HTML files are skipped.", (int)(defaults.MaximumFileBytes >> 20));
        var threads = Number("--threads", "Threads to use.", defaults.Threads);

        var command = new Command("extract", "Find text pairs (heading and paragraph, term and definition, question and answer) in folders of files.")
        {
            folders, output, sources, columns, seed, minimumAnchor, maximumAnchor, minimumPositive, maximumPositive, passages, boilerplate, megabytes, threads,
        };
        command.SetAction(parsed =>
        {
            try
            {
                var options = new ExtractOptions([.. parsed.GetValue(folders)!.Select(f => f.FullName)], parsed.GetValue(output)!.FullName)
                {
                    SourceNamesPath = parsed.GetValue(sources)?.FullName,
                    CsvColumns = parsed.GetValue(columns) is { } text ? CsvColumns.Parse(text) : null,
                    Seed = parsed.GetValue(seed),
                    MinimumAnchor = parsed.GetValue(minimumAnchor),
                    MaximumAnchor = parsed.GetValue(maximumAnchor),
                    MinimumPositive = parsed.GetValue(minimumPositive),
                    MaximumPositive = parsed.GetValue(maximumPositive),
                    PassagesPerHeading = parsed.GetValue(passages),
                    BoilerplateFiles = parsed.GetValue(boilerplate),
                    MaximumFileBytes = (long)parsed.GetValue(megabytes) << 20,
                    Threads = parsed.GetValue(threads),
                };
                new ExtractionView(AnsiConsole.Console).Run(options);
                return 0;
            }
            catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"sutra-train: {e.Message}");
                return 1;
            }
        });
        return command;

        static Option<int> Number(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value };
    }
}
