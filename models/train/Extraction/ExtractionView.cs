using System.Globalization;
using Spectre.Console;

namespace Sutra.Models.Train.Extraction;

/// <summary>An extraction as it goes, a bar or nothing where nobody watches, and its summary.</summary>
internal sealed class ExtractionView(IAnsiConsole console)
{
    public void Run(ExtractOptions options)
    {
        var extractor = new CorpusExtractor(options);
        var started = TimeProvider.System.GetTimestamp();
        var summary = console.Profile.Capabilities.Interactive ? Watched(extractor) : extractor.Extract();
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;

        WriteLine($"{options.OutputPath}: {summary.Pairs:N0} pairs from {summary.FilesRead:N0} files in {seconds:F1} s");
        List("pairs by source", summary.PairsBySource);
        List("files skipped", summary.FilesSkipped);
        List("pairs skipped", summary.PairsSkipped);
    }

    private ExtractionSummary Watched(CorpusExtractor extractor) => console.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .Start(progress =>
        {
            var task = progress.AddTask("Extracting");
            return extractor.Extract(now =>
            {
                task.MaxValue = now.AllFiles;
                task.Value = now.Files;
                task.Description = string.Create(CultureInfo.InvariantCulture, $"Extracting: {now.Pairs:N0} pairs");
            });
        });

    private void List(string name, IReadOnlyDictionary<string, int> counts)
    {
        if (counts.Count > 0)
        {
            WriteLine($"{name}:");
            foreach (var (reason, count) in counts)
            {
                WriteLine($"  {count,10:N0} {reason}");
            }
        }
    }

    // Past the console's line wrapping and markup: a source may be named "[x]".
    private void WriteLine(FormattableString line) => console.Profile.Out.Writer.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
