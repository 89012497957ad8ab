using System.Collections.Concurrent;
using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Collections;

/// <summary>
/// What the storage says of collections, by name or alias, kept for a short time and forgotten when it is changed here. Another instance may have
/// changed it: what was made for the wrong model is refused by the storage, and made again by <see cref="UseAsync"/>.
/// </summary>
internal sealed class CollectionDirectory(CollectionStoreClient store, ServiceIdentity identity, TimeProvider time)
{
    /// <summary>How long an answer is given again.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(2);

    // Names that are asked for are the callers': without an end they would fill the memory. Only what there is is kept.
    private const int MostKept = 4096;

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private int _forgotten;

    /// <param name="name">Of a collection or an alias; null or empty: the default one.</param>
    /// <param name="caller">For whom. Asked in the API's own name: who may only learn may not look at collections.</param>
    /// <exception cref="ApiProblem">404 <c>collection_not_found</c>.</exception>
    /// <exception cref="ComponentException">The storage does not say.</exception>
    public ValueTask<CollectionInfo> FindAsync(string? name, Caller caller, CancellationToken cancellation)
    {
        _ = caller;
        var key = string.IsNullOrEmpty(name) ? CollectionInfo.Default : name;
        return _kept.TryGetValue(key, out var kept) && time.GetElapsedTime(kept.At) < KeptFor
            ? ValueTask.FromResult(kept.Info)
            : new ValueTask<CollectionInfo>(AskAsync(key, cancellation));
    }

    /// <summary>
    /// Does something with vectors of the collection's model, and once more, from the beginning, when the collection has gone over to another model
    /// meanwhile: with what it is now.
    /// </summary>
    /// <param name="work">Embeds by the model it is given, then searches or learns; may be run twice.</param>
    /// <inheritdoc cref="FindAsync" path="/exception"/>
    public async Task<T> UseAsync<T>(string? name, Caller caller, Func<CollectionInfo, Task<T>> work, CancellationToken cancellation)
    {
        var known = await FindAsync(name, caller, cancellation);
        try
        {
            return await work(known);
        }
        catch (ComponentException e) when (e.IsOtherModel())
        {
            Forget();
            return await work(await FindAsync(name, caller, cancellation));
        }
    }

    /// <summary>Something was changed: everything is asked for anew.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _forgotten);
        _kept.Clear();
    }

    private async Task<CollectionInfo> AskAsync(string name, CancellationToken cancellation)
    {
        var forgotten = Volatile.Read(ref _forgotten);
        var at = time.GetTimestamp();
        Collection found;
        try
        {
            found = await store.GetAsync(name, identity.Caller, cancellation);
        }
        catch (ComponentException e) when (e.StatusCode == StatusCode.NotFound)
        {
            throw CollectionProblems.NotFound(e);
        }

        var info = Describe(found);
        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        // What was asked before a change may be what was before it.
        if (forgotten == Volatile.Read(ref _forgotten))
        {
            _kept[name] = new Kept(info, at);
        }

        return info;
    }

    private static CollectionInfo Describe(Collection found)
    {
        var model = found.Settings.Model;
        return new CollectionInfo(found.Name, found.Id, model.Length == 0 ? null : model, found.Settings.Dimension, found.Concepts);
    }

    private sealed record Kept(CollectionInfo Info, long At);
}
