using System.Collections.Concurrent;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;

namespace Sutra.Storage.Collections;

/// <summary>What changed in a collection whose place is to be taken.</summary>
/// <param name="Epoch">Another than before: what changed before it is not known, and everything is to be compared.</param>
/// <param name="UpTo">To ask after next time.</param>
/// <param name="More">There is more already.</param>
public sealed record ChangesSince(string Epoch, long UpTo, IReadOnlyList<ConceptId> Ids, IReadOnlyList<string> ErasedOwners, bool More);

// One collection takes another's place: made beside it, filled by somebody, then switched to in one step.
public sealed partial class CollectionStore
{
    private const int MostChanges = 10_000;
    private static readonly TimeSpan s_longestHold = TimeSpan.FromSeconds(10);

    // By the id of the one that is to take the place.
    private readonly ConcurrentDictionary<Guid, Moving> _moving = new();
    private readonly SemaphoreSlim _beginning = new(1);

    /// <summary>As <see cref="Create(string, CollectionSettings)"/>, to take another's place: not listed, and gone with <see cref="Delete"/>. One at a time for each collection.</summary>
    /// <inheritdoc cref="Create(string, CollectionSettings)" path="/exception"/>
    /// <exception cref="CollectionNotFoundException">There is nothing to take the place of.</exception>
    public CollectionInfo CreateReplacement(string name, CollectionSettings settings, string replaced, string requestedBy) =>
        Create(name, settings, new Replacement(replaced, requestedBy));

    /// <summary>
    /// What changed in the collection whose place is to be taken, since a number of an epoch; from the first call on. Whoever calls is the one who fills
    /// the replacement, until they have not called for 15 seconds.
    /// </summary>
    /// <param name="name">Of the replacement.</param>
    /// <param name="worker">Who calls.</param>
    /// <param name="failure">For people: what has gone wrong, so that they give it up, for whoever comes next; empty for nothing.</param>
    /// <param name="epoch">That of the last call; empty at first.</param>
    /// <param name="limit">Of changes, up to 10,000; 0 for none.</param>
    /// <param name="hold">No change is taken from before this returns for so long, at most 10 seconds, or until the switch: who comes with one waits.</param>
    /// <exception cref="CollectionNotFoundException">There is no such replacement (any more).</exception>
    /// <exception cref="CollectionConflictException">Somebody else fills it.</exception>
    public async Task<ChangesSince> FollowAsync(string name, string worker, string failure, string epoch, long after, int limit, TimeSpan hold)
    {
        var moving = await MovingOfAsync(name).ConfigureAwait(false);
        if (!moving.TryTake(worker, failure))
        {
            throw new CollectionConflictException("Somebody else fills it.");
        }

        if (epoch != moving.Epoch)
        {
            return new ChangesSince(moving.Epoch, moving.Notes.Latest, [], [], More: false);
        }

        if (hold > TimeSpan.Zero)
        {
            await moving.HoldAsync(hold < s_longestHold ? hold : s_longestHold).ConfigureAwait(false);
        }

        var (ids, owners) = moving.Notes.After(after, moving.Source.Published, Math.Clamp(limit, 0, MostChanges), out var upTo);
        return new ChangesSince(moving.Epoch, upTo, ids, owners, moving.Notes.Latest > upTo);
    }

    /// <summary>
    /// The replacement has the name and the aliases of the collection whose place it takes, in one step, for calls that begin afterwards; what waits because
    /// of a hold goes on, there. The other is gone as by <see cref="Delete"/>, the default one, too.
    /// </summary>
    /// <param name="after">The last change that the replacement has.</param>
    /// <exception cref="CollectionNotFoundException">There is no such replacement (any more).</exception>
    /// <exception cref="CollectionConflictException">There are changes after it, or there could be as the collection is not held.</exception>
    public CollectionInfo Replace(string name, string worker, string epoch, long after)
    {
        var (info, id, engine) = Change(() =>
        {
            var entry = _catalog.Find(name) is { Replacement: not null } found ? found : throw new CollectionNotFoundException();
            if (!_moving.TryGetValue(entry.Id, out var moving) || moving.Epoch != epoch || moving.Worker != worker || !moving.IsHeld)
            {
                throw new CollectionConflictException("The collection is not held.");
            }

            if (moving.Notes.Latest != after || !moving.Notes.Complete)
            {
                throw new CollectionConflictException("There are further changes.");
            }

            var replaced = entry.Replacement!.Of;
            var before = _catalog.Find(replaced);
            var now = entry with { Name = replaced, CreatedAt = before?.CreatedAt ?? entry.CreatedAt, Replacement = null };
            var goes = before?.Id ?? Guid.Empty;
            Save(_catalog with
            {
                Collections = [.. _catalog.Collections.Where(other => other != before && other != entry), now],
                Leaving = [.. _catalog.Leaving, goes],
            });
            _engines.TryRemove(goes, out var removed);
            _using.AddCount();

            // In this order: who is let on must not find it as it was.
            removed!.Retire();
            EndMoving(entry);
            return (Describe(_catalog, replaced), goes, removed);
        });
        try
        {
            FinishDeleting(id, engine);
        }
        finally
        {
            _using.Signal();
        }

        return info;
    }

    /// <summary>Those that hold a collection's concepts: itself, and what is being made to take its place.</summary>
    /// <exception cref="CollectionNotFoundException">There is none.</exception>
    public IReadOnlyList<ConceptEngine> GetAll(string name)
    {
        var engine = Get(name);
        var catalog = _catalog;
        return catalog.ReplacementOf(catalog.Resolve(name)) is { } entry && Find(entry.Id) is { } other ? [engine, other] : [engine];
    }

    /// <summary>Whether somebody fills a replacement now, and what they said has gone wrong last.</summary>
    internal (bool IsWorking, string Failure) Progress(Guid id) => _moving.TryGetValue(id, out var moving) ? (moving.IsWorking, moving.Failure) : (false, "");

    private string RequireReplaceable(string name)
    {
        name = _catalog.Resolve(name);
        return !_catalog.Exists(name) ? throw new CollectionNotFoundException()
            : _catalog.Find(name)?.Replacement is not null || _catalog.ReplacementOf(name) is not null
                ? throw new CollectionConflictException("Another body of the collection is being made already.")
                : name;
    }

    private async Task<Moving> MovingOfAsync(string name)
    {
        await _beginning.WaitAsync().ConfigureAwait(false);
        try
        {
            var entry = _catalog.Find(name) is { Replacement: not null } found ? found : throw new CollectionNotFoundException();
            if (_moving.TryGetValue(entry.Id, out var moving) && moving.Notes.Complete)
            {
                return moving;
            }

            var source = Get(entry.Replacement!.Of);
            var begun = new Moving(source, await source.NoteChangesAsync().ConfigureAwait(false), _time);
            lock (_changing)
            {
                if (_catalog.Find(name) is null)
                {
                    throw new CollectionNotFoundException();
                }

                _moving[entry.Id] = begun;
            }

            return begun;
        }
        finally
        {
            _beginning.Release();
        }
    }

    private void EndMoving(CatalogEntry entry)
    {
        if (_moving.TryRemove(entry.Id, out var moving))
        {
            moving.Source.StopNoting();
            moving.Dispose();
        }
    }
}
