using Microsoft.Extensions.Options;
using Sutra.Api.Clients;
using Sutra.Api.Identity;

namespace Sutra.Api.Embeddings;

/// <summary>
/// Which model the embedder serves, as of a moment ago: part of every cache key. What is known is used at once; it is asked
/// for again in the background, so a changed model is noticed within <see cref="EmbeddingOptions.ModelCheckEvery"/> of use.
/// </summary>
internal sealed class ModelIdentity(EmbedderClient embedder, ServiceIdentity identity, IOptions<EmbeddingOptions> options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private volatile ServedModel? _known;
    private long _askedAt;
    private Task<ServedModel>? _asking;

    /// <summary>What is known without asking; null before the embedder first answered.</summary>
    public ServedModel? Known => _known;

    /// <exception cref="ComponentException">Nothing is known, and the embedder does not say.</exception>
    public ValueTask<ServedModel> GetAsync(CancellationToken cancellation)
    {
        var known = _known;
        if (known is not null && time.GetElapsedTime(Interlocked.Read(ref _askedAt)) < options.Value.ModelCheckEvery)
        {
            return ValueTask.FromResult(known);
        }

        var asking = Ask();
        return known is not null ? ValueTask.FromResult(known) : new ValueTask<ServedModel>(asking.WaitAsync(cancellation));
    }

    /// <summary>Asks the embedder now.</summary>
    public async Task<ServedModel> RefreshAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var model = await embedder.GetModelAsync(identity.Caller, limit, cancellation);
        _known = model;
        Interlocked.Exchange(ref _askedAt, time.GetTimestamp());
        return model;
    }

    private Task<ServedModel> Ask()
    {
        lock (_lock)
        {
            if (_asking is { IsCompleted: false })
            {
                return _asking;
            }

            Interlocked.Exchange(ref _askedAt, time.GetTimestamp());
            _asking = RefreshAsync(options.Value.Deadline, CancellationToken.None);
            // The next asker meets the failure; nobody else needs it.
            _ = _asking.ContinueWith(static task => _ = task.Exception, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously);
            return _asking;
        }
    }
}
