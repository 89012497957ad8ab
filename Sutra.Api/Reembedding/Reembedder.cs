using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Collections;
using Sutra.Api.Embeddings;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Reembedding;

/// <summary>
/// Fills the replacement of one collection with vectors of its model, follows what changes in the collection meanwhile, and switches. Everything it
/// needs to go on after a stop is in the storage: the replacement itself says what is done.
/// </summary>
/// <param name="target">The replacement.</param>
/// <param name="caller">A fresh token of whoever asked for it, for each call.</param>
internal sealed partial class Reembedder(
    Collection target, CollectionStoreClient store, ConceptCopier copier, Func<Caller> caller, string worker, ILogger logger)
{
    private const int ChangesAtOnce = 1000;

    // So few changes can be made up for while others wait.
    private const int FewChanges = 100;
    private const int MostRounds = 20;

    // Less than the deadline of a call that waits meanwhile.
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(3);

    private string _epoch = "";
    private long _after;

    private string Source => target.Replacement.Of;

    /// <summary>Returns when the switch is made.</summary>
    /// <exception cref="ComponentException">It can be gone on with later; NOT_FOUND: it was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await FollowAsync(0, TimeSpan.Zero, cancellation);
        while (true)
        {
            var epoch = _epoch;
            await CompareAsync(cancellation);
            while (epoch == _epoch)
            {
                if (await CatchUpAsync(cancellation) && await TrySwitchAsync(cancellation))
                {
                    return;
                }
            }

            Log.ComparedAnew(logger, Source);
        }
    }

    // Everything: what the replacement lacks or has otherwise, and what it has too much.
    private async Task CompareAsync(CancellationToken cancellation)
    {
        var there = new Dictionary<ulong, long>();
        await foreach (var concept in store.ScanAsync(new ScanRequest { Collection = target.Name }, caller(), cancellation))
        {
            there[Parse(concept.Id)] = concept.LearnedAt;
        }

        var batch = new ConceptBatch();
        await foreach (var concept in store.ScanAsync(new ScanRequest { Collection = Source }, caller(), cancellation))
        {
            // What was learned since the beginning may have been learned twice within the same millisecond.
            if (there.Remove(Parse(concept.Id), out var learned) && learned == concept.LearnedAt && learned < target.CreatedAt)
            {
                continue;
            }

            if (!batch.TryAdd(concept))
            {
                await CopyAsync(batch.Take(), cancellation);
                batch.TryAdd(concept);
            }
        }

        await CopyAsync(batch.Take(), cancellation);
        await copier.DeleteAsync(target.Name, there.Keys.Select(id => id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture)), caller, cancellation);
        await FollowAsync(0, TimeSpan.Zero, cancellation);
    }

    /// <returns>True when so few changes are left that others can wait for them.</returns>
    private async Task<bool> CatchUpAsync(CancellationToken cancellation)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var changes = await FollowAsync(ChangesAtOnce, TimeSpan.Zero, cancellation);
            if (changes is null)
            {
                return false;
            }

            await ApplyAsync(changes, cancellation);
            if (!changes.More && changes.Ids.Count <= FewChanges)
            {
                break;
            }
        }

        return true;
    }

    // Nothing changes in the collection from the first answer on.
    private async Task<bool> TrySwitchAsync(CancellationToken cancellation)
    {
        for (var hold = s_hold; ; hold = TimeSpan.Zero)
        {
            var changes = await FollowAsync(ChangesAtOnce, hold, cancellation);
            if (changes is null)
            {
                return false;
            }

            await ApplyAsync(changes, cancellation);
            if (!changes.More)
            {
                break;
            }
        }

        try
        {
            await store.ReplaceAsync(new ReplaceRequest { Name = target.Name, Worker = worker, Epoch = _epoch, After = _after }, caller(), cancellation);
            return true;
        }
        catch (ComponentException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            // It took longer than the others may wait.
            Log.SwitchedTooLate(logger, Source);
            return false;
        }
    }

    private async Task ApplyAsync(FollowResponse changes, CancellationToken cancellation)
    {
        foreach (var owner in changes.ErasedOwners)
        {
            await store.EraseOwnerAsync(new EraseOwnerRequest { Owner = owner, Collection = target.Name }, caller(), cancellation);
        }

        if (changes.Ids.Count > 0)
        {
            var gone = changes.Ids.ToHashSet(StringComparer.Ordinal);
            var batch = new ConceptBatch();
            var batches = new List<IReadOnlyList<Concept>>();
            var request = new ScanRequest { Collection = Source, Filter = new Filter { In = new FieldValues { Field = "$id", Values = { changes.Ids } } } };
            await foreach (var concept in store.ScanAsync(request, caller(), cancellation))
            {
                gone.Remove(concept.Id);
                if (!batch.TryAdd(concept))
                {
                    batches.Add(batch.Take());
                    batch.TryAdd(concept);
                }
            }

            // First: no two concepts have the same content, and it may have gone from one to another.
            await copier.DeleteAsync(target.Name, gone, caller, cancellation);
            foreach (var part in batches.Append(batch.Take()))
            {
                await copier.CopyAsync(target, part, caller, cancellation);
            }
        }

        _after = changes.UpTo;
    }

    private async Task CopyAsync(IReadOnlyList<Concept> concepts, CancellationToken cancellation)
    {
        await copier.CopyAsync(target, concepts, caller, cancellation);
        await FollowAsync(0, TimeSpan.Zero, cancellation);
    }

    /// <returns>Null: what changed before is not known; everything is to be compared.</returns>
    private async Task<FollowResponse?> FollowAsync(int limit, TimeSpan hold, CancellationToken cancellation)
    {
        var request = new FollowRequest { Name = target.Name, Worker = worker, Epoch = _epoch, After = _after, Limit = limit, HoldMs = (int)hold.TotalMilliseconds };
        var changes = await store.FollowAsync(request, caller(), cancellation);
        if (changes.Epoch == _epoch)
        {
            return changes;
        }

        (_epoch, _after) = (changes.Epoch, changes.UpTo);
        return null;
    }

    private static ulong Parse(string id) => Convert.ToUInt64(id, 16);

    private static partial class Log
    {
        [LoggerMessage(2301, LogLevel.Information, "What changed in collection {Collection} while it is re-embedded is not known any more; everything is compared")]
        public static partial void ComparedAnew(ILogger logger, string collection);

        [LoggerMessage(2302, LogLevel.Information, "Collection {Collection} changes faster than it could be switched; once more")]
        public static partial void SwitchedTooLate(ILogger logger, string collection);
    }
}
