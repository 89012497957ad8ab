namespace Sutra.Embedder.Inference;

/// <summary>The caller's text cannot be embedded; it is named by its index and never repeated.</summary>
public sealed class UnembeddableTextException(int index, string reason) : Exception($"Text {index} {reason}")
{
    public int Index { get; } = index;

    /// <summary>Says what is wrong; to be put after whatever the caller knows the text by.</summary>
    public string Reason { get; } = reason;
}

/// <summary>Too many texts wait already; none of this request's was taken. Try again later.</summary>
public sealed class QueueFullException(int capacity) : Exception($"The embedder is overloaded: its queue of {capacity} texts is full.");

/// <summary>The model failed; not the caller's fault.</summary>
public sealed class InferenceException : Exception
{
    public InferenceException(string message)
        : base(message)
    {
    }

    public InferenceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
