namespace Sutra.Embedder.Store;

/// <summary>A model cannot be fetched, kept or removed; the message is for the person who asked, in one line, and holds no secrets.</summary>
public sealed class ModelStoreException : Exception
{
    public ModelStoreException(string message)
        : base(message)
    {
    }

    public ModelStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>What may go better the next time: a lost connection, a busy server, a stall.</summary>
internal sealed class PassingFailureException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the server asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>What arrived is not what was promised; what is kept of it must go.</summary>
internal sealed class WrongBytesException(string message) : Exception(message);
