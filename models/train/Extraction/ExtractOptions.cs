namespace Sutra.Models.Train.Extraction;

/// <summary>What <see cref="CorpusExtractor"/> is to read and write.</summary>
/// <param name="Folders">Trees of Markdown, HTML and CSV files; one or more.</param>
/// <param name="OutputPath">Lines <c>anchor&lt;TAB&gt;positive</c>; gzip when the name ends in <c>.gz</c>.</param>
public sealed record ExtractOptions(IReadOnlyList<string> Folders, string OutputPath)
{
    /// <summary>A file with the source's name of each pair, line by line; null (default) = none.</summary>
    public string? SourceNamesPath { get; init; }

    /// <summary>The columns of CSV and TSV files, by name or by number from 1; null (default) = such files are skipped.</summary>
    public CsvColumns? CsvColumns { get; init; }

    /// <summary>Shuffles the pairs; null (default) = in the order of the files.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Characters; default 3.</summary>
    public int MinimumAnchor { get; init; } = 3;

    /// <summary>Characters; a longer heading is no heading. Default 200.</summary>
    public int MaximumAnchor { get; init; } = 200;

    /// <summary>Characters; default 24.</summary>
    public int MinimumPositive { get; init; } = 24;

    /// <summary>Characters; a longer text is cut, after a sentence if it can be. Default 1,000.</summary>
    public int MaximumPositive { get; init; } = 1000;

    /// <summary>Passages taken of the text below one heading; default 3.</summary>
    public int PassagesPerHeading { get; init; } = 3;

    /// <summary>A positive that stands in so many files is boilerplate, and is left out; default 4, 0 = keep all.</summary>
    public int BoilerplateFiles { get; init; } = 4;

    /// <summary>Bytes; larger Markdown and HTML files are skipped (CSV files are read row by row, whatever their size). Default 8 MiB.</summary>
    public long MaximumFileBytes { get; init; } = 8 << 20;

    /// <summary>Changes the speed, never the result.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <exception cref="InvalidDataException">A bound is out of range.</exception>
    public void Validate()
    {
        Check(Folders.Count > 0, "There is no folder to read.");
        Check(MinimumAnchor >= 1 && MaximumAnchor >= MinimumAnchor, "The bounds of anchors must be 1 ≤ minimum ≤ maximum.");
        Check(MinimumPositive >= 1 && MaximumPositive >= MinimumPositive, "The bounds of positives must be 1 ≤ minimum ≤ maximum.");
        Check(PassagesPerHeading >= 1, "At least one passage per heading must be taken.");
        Check(BoilerplateFiles is 0 or >= 2, "Boilerplate stands in 2 or more files; 0 keeps all.");
        Check(MaximumFileBytes > 0 && Threads > 0, "The largest file and the threads must be positive numbers.");

        static void Check(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new InvalidDataException(otherwise);
            }
        }
    }
}
