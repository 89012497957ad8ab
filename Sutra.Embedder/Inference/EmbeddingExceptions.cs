namespace Sutra.Embedder.Inference;

/// <summary>The caller's text cannot be embedded; the message names it by its index and never repeats it.</summary>
public sealed class UnembeddableTextException(int index, string reason) : Exception($"input[{index}] {reason}")
{
    public int Index { get; } = index;
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
