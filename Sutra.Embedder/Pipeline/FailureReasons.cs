using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Pipeline;

/// <summary>What callers are told of a text that has no vector.</summary>
internal static class FailureReasons
{
    /// <summary>To be put after whatever the caller knows the text by.</summary>
    public static string Reason(this TextFailure failure) => failure switch
    {
        TextFailure.Empty => "is empty.",
        TextFailure.NothingKnown => "has nothing in it that the model knows.",
        TextFailure.TooLong => "is longer than the model reads, and was not to be cut.",
        TextFailure.Untokenizable => "takes this model's tokenizer too long; send it in parts.",
        TextFailure.Late => "waited too long for its turn; try again later.",
        TextFailure.ModelFailed => "could not be embedded: the model failed on it.",
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "Not a failure."),
    };

    /// <summary>Whether trying again may help, because it was not the text's fault.</summary>
    public static bool IsOurs(this TextFailure failure) => failure is TextFailure.Late or TextFailure.ModelFailed;
}
