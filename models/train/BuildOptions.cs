using System.Globalization;

namespace Sutra.Models.Train;

/// <summary>What <see cref="ModelBuilder"/> is to make.</summary>
/// <param name="PairsPath">Lines <c>anchor&lt;TAB&gt;positive</c>; <c>.gz</c> too.</param>
/// <param name="OutputFolder">Created when missing; its files are overwritten.</param>
public sealed record BuildOptions(string PairsPath, string OutputFolder)
{
    /// <summary>A Markdown list of the texts and their licences, for the model card; null = "not stated".</summary>
    public string? SourcesPath { get; init; }

    /// <summary>The source id of each pair, a line each, in the order of the pairs; needed to leave sources out.</summary>
    public string? SourceIdsPath { get; init; }

    /// <summary>Ids of sources that neither the vocabulary nor the vectors shall see, to measure with them.</summary>
    public IReadOnlySet<string> Excluded { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Markdown with what was measured of the recipe, for the model card; null = none.</summary>
    public string? FiguresPath { get; init; }

    public string Name { get; init; } = "sutra-static";

    /// <summary>Default 256.</summary>
    public int Dimensions { get; init; } = 256;

    /// <summary>Pieces, 4,000 to 65,535; default 30,000.</summary>
    public int VocabularySize { get; init; } = 30_000;

    /// <summary>Rarer words teach the vocabulary nothing; default 4.</summary>
    public int MinimumCount { get; init; } = 4;

    /// <summary>Times that training goes through the pairs; default 3, 0 = leave the vectors random × IDF.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Pairs per training step, a multiple of 16; default 1024.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Length of the part that pieces spelt alike have in common before training, beside the random part; default 1.5, 0 = none.</summary>
    public float SpellingShare { get; init; } = 1.5f;

    /// <summary>How much of the initial vectors is added to the trained ones; default 0.4, 0 = nothing.</summary>
    public float KeepInitial { get; init; } = 0.4f;

    /// <summary>A piece that occurs n times in a text counts n^¾ times; default true, false: n times.</summary>
    public bool Saturate { get; init; } = true;

    /// <summary>Part of the training after which a batch comes from one source, where sources are known, 0..1; default 0.3.</summary>
    public double SameSourceFrom { get; init; } = 0.3;

    /// <summary>How much more the smallest Matryoshka cut counts in training than each other; default 16.</summary>
    public float SmallestCutWeight { get; init; } = 16;

    /// <summary>
    /// Factor of the initial vectors in the smallest cut's dimensions; default 0.35. The smaller, the more of what the cut says is learnt, since
    /// steps are as long in all dimensions.
    /// </summary>
    public float SmallestCutStart { get; init; } = 0.35f;

    /// <summary>Part of the pairs drawn as a sentence against the rest of its text, 0..1; default 0.5.</summary>
    public double SpanQueries { get; init; } = 0.5;

    /// <summary>Pairs at the end of the file that training does not see, to measure with; default 2,000.</summary>
    public int HeldOut { get; init; } = 2000;

    public ulong Seed { get; init; } = 1;

    /// <summary>Pairs to read; 0 (default) = all.</summary>
    public int Limit { get; init; }

    /// <summary>Changes the speed, never the result.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public void Validate()
    {
        Require(Dimensions is >= 16 and <= 4096 && Dimensions % 16 == 0, "--dimensions is a multiple of 16 from 16 to 4096", Dimensions);
        Require(VocabularySize is >= 4000 and <= ushort.MaxValue, "--vocabulary is from 4000 to 65535", VocabularySize);
        Require(MinimumCount >= 1, "--minimum-count is at least 1", MinimumCount);
        Require(Epochs >= 0, "--epochs is at least 0", Epochs);
        Require(BatchSize is >= 16 and <= 16384 && BatchSize % 16 == 0, "--batch is a multiple of 16 from 16 to 16384", BatchSize);
        Require(SpellingShare is >= 0 and <= 100, "--spelling is from 0 to 100", SpellingShare);
        Require(KeepInitial is >= 0 and <= 100, "--keep-initial is from 0 to 100", KeepInitial);
        Require(SameSourceFrom is >= 0 and <= 1, "--same-source-from is from 0 to 1", SameSourceFrom);
        Require(SmallestCutWeight is > 0 and <= 1000, "--smallest-cut-weight is above 0, up to 1000", SmallestCutWeight);
        Require(SmallestCutStart is > 0 and <= 100, "--smallest-cut-start is above 0, up to 100", SmallestCutStart);
        Require(SpanQueries is >= 0 and <= 1, "--span-queries is from 0 to 1", SpanQueries);
        Require(HeldOut >= 0, "--held-out is at least 0", HeldOut);
        Require(Limit >= 0, "--limit is at least 0", Limit);
        Require(Threads >= 1, "--threads is at least 1", Threads);
        Require(Excluded.Count == 0 || SourceIdsPath is not null, "without --source-ids no source can be left out: their number is 0", Excluded.Count);

        static void Require(bool holds, string rule, IFormattable value)
        {
            if (!holds)
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{rule}; it is {value}."), nameof(value));
            }
        }
    }
}
