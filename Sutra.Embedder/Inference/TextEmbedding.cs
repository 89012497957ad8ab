namespace Sutra.Embedder.Inference;

/// <summary>Why a text has no vector.</summary>
public enum TextFailure
{
    None,

    /// <summary>It has no character.</summary>
    Empty,

    /// <summary>It has nothing in it that the model knows.</summary>
    NothingKnown,

    /// <summary>It is longer than the model reads, and was not to be cut.</summary>
    TooLong,

    /// <summary>The model's own pattern for words goes back and forth on it without end.</summary>
    Untokenizable,

    /// <summary>It waited longer than the queue allows.</summary>
    Late,

    /// <summary>The model failed on it; not the caller's fault.</summary>
    ModelFailed,
}

/// <summary>What a text gave.</summary>
/// <param name="Values">
/// One vector of as many floats as the model has dimensions, of unit length (L2) unless raw ones were asked for; of token vectors:
/// all of them, row by row. Null exactly when there is a <paramref name="Failure"/>.
/// </param>
/// <param name="TokenCount">Tokens the model read, special ones included.</param>
/// <param name="Truncated">The text was longer than the model reads, and was cut.</param>
/// <param name="Failure">Why there are no values.</param>
public readonly record struct TextEmbedding(float[]? Values, int TokenCount, bool Truncated, TextFailure Failure = TextFailure.None)
{
    public static TextEmbedding Failed(TextFailure failure, int tokens = 0) => new(null, tokens, false, failure);
}
