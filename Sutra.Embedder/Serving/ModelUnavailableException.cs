namespace Sutra.Embedder.Serving;

/// <summary>The model is known, but cannot be used now; the message says why.</summary>
/// <param name="retryAfter">When it will be tried again, if somebody asks for it.</param>
public sealed class ModelUnavailableException(string name, string reason, TimeSpan retryAfter)
    : Exception($"The model '{name}' cannot be used now: {reason}")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
