using Sutra.Api.Clients;
using Sutra.Api.Identity;

namespace Sutra.Api.Embeddings;

/// <summary>Which model the embedder serves, as of when it was last asked.</summary>
internal sealed class ModelIdentity(EmbedderClient embedder, ServiceIdentity identity)
{
    private volatile ServedModel? _known;

    /// <summary>What is known without asking; null before the embedder first answered.</summary>
    public ServedModel? Known => _known;

    /// <summary>Asks the embedder now.</summary>
    /// <exception cref="ComponentException">It does not say.</exception>
    public async Task<ServedModel> RefreshAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var model = await embedder.GetModelAsync(identity.Caller, limit, cancellation);
        _known = model;
        return model;
    }
}
