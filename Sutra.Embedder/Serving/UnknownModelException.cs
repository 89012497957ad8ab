namespace Sutra.Embedder.Serving;

/// <summary>Nobody serves a model of that name.</summary>
public sealed class UnknownModelException(IReadOnlyList<string> served)
    : Exception($"The model does not exist; this embedder serves {(served.Count == 0 ? "none" : string.Join(", ", served.Select(name => $"'{name}'")))}.");
