using Sutra.Embedder.Inference;
using Sutra.Embedder.PostProcessing;
using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Pipeline;

/// <summary>What a text is for; models that were trained with prefixes get theirs.</summary>
public enum InputType
{
    /// <summary>Not said: the text as it is.</summary>
    None,

    /// <summary>It asks.</summary>
    Query,

    /// <summary>It is to be found.</summary>
    Document,
}

/// <summary>Which model a call wants that leaves it to the embedder (<c>model: "auto"</c>).</summary>
public enum ModelPreference
{
    Balanced,

    /// <summary>The fastest.</summary>
    Latency,

    /// <summary>The best.</summary>
    Quality,
}

/// <summary>What is to be embedded, and how. Exactly one of <see cref="Texts"/> and <see cref="Tokens"/> is there.</summary>
internal sealed record EmbeddingCall
{
    /// <summary>Selects by <see cref="Preference"/> and <see cref="Dimensions"/> among the models that are there.</summary>
    public const string AutoModel = "auto";

    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>Ids of the model's own vocabulary, checked by the pipeline.</summary>
    public IReadOnlyList<int[]>? Tokens { get; init; }

    public int Count => Texts?.Count ?? Tokens!.Count;

    /// <summary>Name, <c>name@revision</c>, or <see cref="AutoModel"/>; null: the default.</summary>
    public string? Model { get; init; }

    public ModelPreference Preference { get; init; }

    /// <summary>Null: all that the model gives.</summary>
    public int? Dimensions { get; init; }

    public VectorType Type { get; init; }

    public InputType InputType { get; init; }

    /// <summary>One of the model's own prompts, by name; wins over <see cref="InputType"/>.</summary>
    public string? PromptName { get; init; }

    /// <summary>False: vectors as they were pooled, which no cache keeps.</summary>
    public bool Normalise { get; init; } = true;

    /// <summary>False: a text that is too long fails instead of being cut.</summary>
    public bool Truncate { get; init; } = true;

    public TruncationSide TruncationSide { get; init; }

    /// <summary>Null: by the number of texts.</summary>
    public Lane? Lane { get; init; }

    /// <summary>Waits for room where others are refused: for a stream or a long list, which hold themselves back.</summary>
    public bool IsPatient { get; init; }
}
