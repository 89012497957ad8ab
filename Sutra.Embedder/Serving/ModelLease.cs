using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Serving;

/// <summary>A model that stays loaded until this is disposed.</summary>
internal sealed class ModelLease(LoadedModel model, Action release) : IDisposable
{
    private Action? _release = release;

    public LoadedModel Model { get; } = model;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
