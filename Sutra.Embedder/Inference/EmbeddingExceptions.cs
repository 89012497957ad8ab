namespace Sutra.Embedder.Inference;

/// <summary>Too much waits already; none of this request's texts was taken. Try again later.</summary>
/// <param name="wait">How long what waits is expected to take.</param>
public sealed class OverloadException(TimeSpan wait) : Exception("The embedder is overloaded; try again later.")
{
    /// <summary>When trying again makes sense: whole seconds, at least 1.</summary>
    public int RetryAfterSeconds { get; } = (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, 60);
}
