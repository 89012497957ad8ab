using Sutra.Embedder.Inference;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Selection;

/// <summary>Who answers a call, loaded for as long as this is not disposed.</summary>
internal sealed class SelectedModel(ModelLease lease, string reason) : IDisposable
{
    public LoadedModel Model => lease.Model;

    /// <summary>Why, for people; part of a sentence.</summary>
    public string Reason { get; } = reason;

    public void Dispose() => lease.Dispose();
}
