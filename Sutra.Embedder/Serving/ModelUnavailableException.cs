namespace Sutra.Embedder.Serving;

/// <summary>The model is known, but cannot be used now; the message says why.</summary>
public sealed class ModelUnavailableException(string name, string reason)
    : Exception($"The model '{name}' cannot be used now: {reason}");
