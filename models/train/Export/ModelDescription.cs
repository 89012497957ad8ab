using System.Globalization;
using Sutra.Models.Train.Training;

namespace Sutra.Models.Train.Export;

/// <summary>What the model card and config.json say of a model.</summary>
public sealed record ModelDescription
{
    /// <summary>What was asked for.</summary>
    public required BuildOptions Build { get; init; }

    public required int Pieces { get; init; }

    /// <summary>Pairs that the vocabulary was learnt from and, but for those held out, the vectors.</summary>
    public required int Pairs { get; init; }

    public required int HeldOut { get; init; }

    /// <summary>Some batches were of one source: sources were known and the options wanted it.</summary>
    public required bool BatchesOfOneSource { get; init; }

    /// <summary>Quality on the held-out pairs, by name of what was measured; may be empty.</summary>
    public IReadOnlyList<(string Name, RetrievalQuality Quality)> Quality { get; init; } = [];

    /// <summary>Markdown with what was measured of the recipe on whole sources left out; null = nothing was.</summary>
    public string? Figures { get; init; }

    /// <summary>Markdown list of the texts and their licences; null = not stated, and then nothing is said of a licence.</summary>
    public string? Sources { get; init; }

    /// <summary>Where a vector may be cut (and normalised again), smallest first; the last is the full length.</summary>
    public required IReadOnlyList<int> MatryoshkaDimensions { get; init; }

    public string Kind => Build.Epochs == 0
        ? "untrained random × IDF"
        : string.Create(CultureInfo.InvariantCulture, $"contrastive, {Build.Epochs} epochs");

    /// <summary>The command line that makes the same files again, from files of these names in the working folder.</summary>
    public string Command
    {
        get
        {
            List<string> parts =
            [
                "dotnet run -c Release --project models/train -- build", $"--pairs {Path.GetFileName(Build.PairsPath)}",
                .. File("--source-ids", Build.SourceIdsPath), .. File("--sources", Build.SourcesPath), .. File("--figures", Build.FiguresPath),
                $"--output {Build.Name} --name {Build.Name}",
                Number("--dimensions", Build.Dimensions), Number("--vocabulary", Build.VocabularySize), Number("--minimum-count", Build.MinimumCount),
                Number("--epochs", Build.Epochs), Number("--batch", Build.BatchSize), Number("--spelling", Build.SpellingShare),
                Number("--span-queries", Build.SpanQueries), Number("--same-source-from", Build.SameSourceFrom),
                Number("--smallest-cut-weight", Build.SmallestCutWeight), Number("--smallest-cut-start", Build.SmallestCutStart), Number("--keep-initial", Build.KeepInitial),
                $"--saturate {(Build.Saturate ? "true" : "false")}", Number("--held-out", Build.HeldOut), Number("--limit", Build.Limit),
                Number("--seed", Build.Seed), .. Build.Excluded.Count == 0 ? [] : new[] { $"--exclude {string.Join(' ', TrainedWithout)}" },
            ];
            return string.Join(" \\\n  ", parts.Chunk(5).Select(line => string.Join(' ', line)));

            static string[] File(string flag, string? path) => path is null ? [] : [$"{flag} {Path.GetFileName(path)}"];

            static string Number(string flag, IFormattable value) => $"{flag} {value.ToString(null, CultureInfo.InvariantCulture)}";
        }
    }

    /// <summary>Ids of sources that neither the vocabulary nor the vectors saw.</summary>
    public IReadOnlyList<string> TrainedWithout => [.. Build.Excluded.Order(StringComparer.Ordinal)];
}
