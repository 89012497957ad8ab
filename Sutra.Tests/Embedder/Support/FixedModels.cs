using Sutra.Embedder.Serving;

namespace Sutra.Tests.Embedder.Support;

/// <summary>Models beside the default one.</summary>
internal sealed class FixedModels(params AvailableModel[] models) : IModelSource
{
    public IReadOnlyList<AvailableModel> List() => models;
}
