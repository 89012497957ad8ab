using Sutra.Api.Querying;

namespace Sutra.Api.Understanding;

/// <summary>A value of the metadata that a question names.</summary>
/// <param name="IsSure">False: it may be a word that only looks like one.</param>
/// <param name="First">Token.</param>
/// <param name="Last">Token.</param>
internal sealed record Mention(CatalogField Field, string Value, bool IsSure, int First, int Last);

/// <summary>A word that neither the metadata nor the language explains.</summary>
/// <param name="Place">Token.</param>
/// <param name="IsName">It is written as names are.</param>
internal sealed record UnexplainedWord(string Text, int Place, bool IsName);

/// <summary>A number that values are compared with.</summary>
/// <param name="Side">0: as much; above 0: more than it; below 0: less.</param>
internal sealed record Threshold(decimal Number, int Side);

/// <summary>What a question asks for, as far as the metadata of its collection tell.</summary>
internal sealed record Question
{
    public required string Text { get; init; }

    public required IReadOnlyList<Token> Tokens { get; init; }

    /// <summary>For matching word by word.</summary>
    public required IReadOnlyList<Term> Terms { get; init; }

    public IReadOnlyList<Mention> Mentions { get; init; } = [];

    public IReadOnlyList<TimeRange> Times { get; init; } = [];

    /// <summary>Numbers among the fields that it may ask for, most likely first.</summary>
    public IReadOnlyList<(CatalogField Field, double Score)> Measures { get; init; } = [];

    public Cue Cues { get; init; }

    /// <summary>"Which company": the field whose value is asked for.</summary>
    public CatalogField? Wanted { get; init; }

    /// <summary>When something was is asked for.</summary>
    public bool WantsTime { get; init; }

    /// <summary>How many records there are is asked for.</summary>
    public bool WantsCount { get; init; }

    /// <summary>Yes or no.</summary>
    public bool IsYesNo { get; init; }

    public Threshold? Threshold { get; init; }

    /// <summary>Below 0: at the beginning of the time; above 0: at its end.</summary>
    public int Edge { get; init; }

    public IReadOnlyList<UnexplainedWord> Unexplained { get; init; } = [];

    /// <summary>What is asked for, where that is none of the fields: one of <see cref="Unexplained"/>.</summary>
    public UnexplainedWord? Asked { get; init; }

    public bool Has(Cue any) => (Cues & any) != 0;
}
