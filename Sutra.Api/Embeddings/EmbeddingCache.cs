using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Sutra.Api.Auditing;
using Sutra.Api.Identity;

namespace Sutra.Api.Embeddings;

/// <summary>
/// Texts to vectors through two cache levels: this process, then Redis, then the embedder. However many ask for the same text
/// at the same time, it is looked up and embedded once. Keys are keyed hashes of model and text: Redis holds no text, and
/// without the secret nobody can find out from it whether a given text was embedded.
/// </summary>
internal sealed class EmbeddingCache(
    EmbedderClient embedder,
    ModelIdentity model,
    SharedVectors? shared,
    CacheMetrics metrics,
    IOptions<EmbeddingOptions> options,
    IOptions<AuditOptions> audit)
{
    private readonly VectorLru _local = new(options.Value.MemoryBytes);
    private readonly ConcurrentDictionary<string, Task<Embedded>> _running = new(StringComparer.Ordinal);
    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(audit.Value.HashKey), 32, info: "sutra embedding cache"u8.ToArray());

    /// <exception cref="Clients.ComponentException">The embedder is needed and away.</exception>
    public async ValueTask<Embedded> EmbedAsync(string text, Caller caller, CancellationToken cancellation)
    {
        var served = await model.GetAsync(cancellation);
        var key = KeyOf(served.Identity, text);
        if (_local.Get(key) is { } known)
        {
            metrics.Lookup(CacheLevel.Local);
            return new Embedded(known.Vector, served.Identity, known.Truncated);
        }

        // Not the caller's cancellation: others wait for the same, and the embedder's deadline ends it.
        var started = new TaskCompletionSource<Embedded>(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = _running.GetOrAdd(key, started.Task);
        if (running == started.Task)
        {
            _ = RunAsync(started, key, served, text, caller);
        }
        else
        {
            metrics.Lookup(CacheLevel.Joined);
        }

        return await running.WaitAsync(cancellation);
    }

    private async Task RunAsync(TaskCompletionSource<Embedded> result, string key, ServedModel served, string text, Caller caller)
    {
        try
        {
            result.SetResult(await FindAsync(key, served, text, caller));
        }
        catch (Exception e)
        {
            result.SetException(e);
            _ = result.Task.Exception;
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }

    private async Task<Embedded> FindAsync(string key, ServedModel served, string text, Caller caller)
    {
        if (shared is not null && await shared.GetAsync(key, served.Dimensions) is { } found)
        {
            metrics.Lookup(CacheLevel.Shared);
            _local.Set(key, found);
            return new Embedded(found.Vector, served.Identity, found.Truncated);
        }

        metrics.Lookup(CacheLevel.Miss);
        var embedded = await embedder.EmbedAsync(text, caller, CancellationToken.None);
        // The embedder was exchanged a moment ago: what it answered belongs to its own model.
        var itsKey = embedded.Model == served.Identity ? key : KeyOf(embedded.Model, text);
        var vector = new CachedVector(embedded.Vector, embedded.Truncated);
        _local.Set(itsKey, vector);
        shared?.Set(itsKey, vector);
        return embedded;
    }

    internal string KeyOf(string identity, string text)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(Encoding.UTF8.GetBytes(identity));
        hmac.AppendData([0]);
        hmac.AppendData(Encoding.UTF8.GetBytes(text));
        return $"sutra:embedding:2:{Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }
}
