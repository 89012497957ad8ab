using System.Diagnostics.CodeAnalysis;
using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

/// <summary>
/// What the log's records add up to: concepts in memory and in segments. Recovery and the log's writer thread change it, in the order of the
/// log; anybody reads it, by <see cref="EngineView"/>.
/// </summary>
internal sealed partial class ConceptState : ILogFollower, IConceptHolders
{
    // A start replays what is frozen and what is active into one table.
    private const int MostCheckpointsBehind = 4;

    // Of each lexical index, which ends at 2 GiB: what is frozen, so many checkpoints behind, must fit into one.
    private const long MostTextBytes = 256L << 20;

    private readonly ConceptIdentity _identity;
    private readonly SegmentOptions _options;
    private readonly CollectionSeal _seal;
    private readonly bool _manyModels;
    private volatile EngineView _view;

    // Not null while memory is too full for more; completed when it is not.
    private volatile TaskCompletionSource? _room;
    private volatile Action<MemoryTable, ulong>? _full;
    private long _count;

    // Writer thread only.
    private readonly HashSet<string> _erasing = new(StringComparer.Ordinal);
    private bool _erasedInFrozen;

    // Anybody reads it.
    private volatile bool _anyErasing;
    private MemoryTable _active;
    private MemoryTable? _frozen;
    private IReadOnlyList<Segment> _segments;

    /// <param name="segments">Held by the caller once for this.</param>
    public ConceptState(EngineOptions options, IReadOnlyList<Segment> segments, ulong checkpoint)
    {
        _identity = options.Identity;
        _options = options.Segments;
        _seal = options.Seal;
        _manyModels = options.ManyModels;
        _segments = segments;
        _active = new MemoryTable(_options.Language);
        Directory = new ConceptDirectory(_identity, this);
        foreach (var segment in segments)
        {
            foreach (var part in segment.Parts.Where(part => part.Live > 0))
            {
                Directory.Restore(part.Model, part.Dimension, part.Live);
            }

            foreach (var (id, check) in segment.Salted)
            {
                Directory.RestoreSalted(id, check);
            }
        }

        _count = segments.Sum(segment => segment.Live);
        _view = new EngineView(checkpoint, _count, _active, frozen: null, segments);
    }

    // Writer thread only.
    public ConceptDirectory Directory { get; }

    /// <summary>Whether vectors of the model may come to those that are there. On the writer thread.</summary>
    public bool Takes(string model) => _manyModels || !Directory.HasOtherThan(model);

    /// <summary>Called by the writer thread when memory is full: what was active is frozen as of this record. Null: nobody moves it on.</summary>
    public Action<MemoryTable, ulong>? Full
    {
        get => _full;
        set => _full = value;
    }

    public long Count => Volatile.Read(ref _count);

    /// <summary>The last record that counts.</summary>
    public ulong Changes => _view.Sequence;

    /// <summary>Returns at once, unless concepts come faster than they can be moved into segments: then when they have been.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellation) => _room is { } room ? room.Task.WaitAsync(cancellation) : Task.CompletedTask;

    /// <summary>Lets everybody on, be it into a refusal.</summary>
    public void GiveRoom()
    {
        _room?.TrySetResult();
        _room = null;
    }

    /// <summary>The newest state, held for the caller, who releases it.</summary>
    /// <param name="anyhow">Also when another collection has the name.</param>
    /// <exception cref="CollectionMovingException">Another has.</exception>
    public EngineView Acquire(bool anyhow = false)
    {
        EngineView view;
        do
        {
            view = _view;
        }
        while (!view.Acquire());
        if (_retired && !anyhow)
        {
            // It may be the empty one of a state that is closed.
            view.Release();
            throw Moved();
        }

        return view;
    }

    public bool TryGet(ConceptId id, [NotNullWhen(true)] out StoredConcept? concept)
    {
        while (true)
        {
            using var view = Acquire();

            // A concept that is learned again while this looks leaves one place for another, and could be missed in both.
            if (TryGet(view, id, out concept))
            {
                return true;
            }

            if (view == _view)
            {
                return false;
            }
        }
    }

    public bool TryGetHolder(ConceptId id, out ConceptHolder holder)
    {
        if (_active.TryGet(id, out var concept) || (_frozen?.TryGet(id, out concept) == true && concept!.Died == DeadRows.Never))
        {
            holder = new ConceptHolder(concept!.Check, concept.Model);
            return true;
        }

        foreach (var segment in _segments)
        {
            if (segment.TryFind(id, out var row, out var check) && segment.IsAlive(row))
            {
                holder = new ConceptHolder(check, segment.PartOf(row).Model);
                return true;
            }
        }

        holder = default;
        return false;
    }

    /// <summary>Whether what has the id now, records of this group included, was learned before a time and is an owner's. On the writer thread.</summary>
    /// <exception cref="SegmentCorruptException">It is not readable.</exception>
    public bool Matches(ConceptId id, DateTimeOffset? learnedBefore, string? owner)
    {
        if (learnedBefore is null && owner is null)
        {
            return true;
        }

        return !Directory.IsAhead(id)
            && TryGet(_view, id, out var concept)
            && (learnedBefore is not { } time || ConceptRecord.LearnedAt(concept.Payload.Span) < time)
            && (owner is null || ConceptRecord.Owner(concept.Payload.Span) == owner);
    }

    public void Learn(byte[] payload, ContentKey key, string model, ulong sequence, byte[] associations)
    {
        var id = ConceptRecord.Id(payload);
        if (!Remove(id, sequence, replaced: true))
        {
            Volatile.Write(ref _count, _count + 1);
        }

        _active.LogBytes += RecordHeader.Size + payload.Length;
        _active.Add(new StoredConcept(payload, model, key.Check, id != key.Id, sequence) { Associations = associations });
        Note(id, sequence);
    }

    /// <param name="erase">Nothing of it is to be left in any file.</param>
    public void Delete(ConceptId id, ulong sequence, bool erase = false)
    {
        _active.LogBytes += RecordHeader.Size + sizeof(ulong);
        if (Remove(id, sequence, replaced: false))
        {
            Volatile.Write(ref _count, _count - 1);
            Note(id, sequence);
        }

        // In this order: a merge that saw the mark when it began does not take the row with it.
        if (erase)
        {
            LeaveNothing(id);
        }
    }

    /// <summary>From now on nothing is learned for the owner. On the writer thread.</summary>
    /// <returns>False: somebody else erases them already.</returns>
    public bool BeginErasing(string owner)
    {
        _anyErasing = true;
        return _erasing.Add(owner);
    }

    public void EndErasing(string owner)
    {
        _erasing.Remove(owner);
        _anyErasing = _erasing.Count > 0;
    }

    /// <summary>Whether a concept is likely to be refused when its turn comes. On any thread.</summary>
    public bool LooksRefused(NewConcept concept)
    {
        if (_anyErasing)
        {
            return true;
        }

        using var view = Acquire();
        var models = view.ActiveVectors.Concat(view.Frozen?.Vectors ?? []).Where(rows => rows.Index.Live > 0).Select(rows => (rows.Index.Model, rows.Index.Dimension))
            .Concat(view.Segments.SelectMany(segment => segment.Segment.Parts).Where(part => part.Live > 0).Select(part => (part.Model, part.Dimension)));
        return models.Any(known => known.Model == concept.Model ? known.Dimension != concept.Embedding.Length : !_manyModels)
            || (concept.Id is { } id && !TryGet(view, id, out _));
    }

    public bool IsErasing(string owner) => _erasing.Count > 0 && _erasing.Contains(owner);

    public void GroupApplied(ulong sequence)
    {
        Directory.Applied();
        _active.Publish();
        Publish(sequence);
    }

    /// <summary>What was frozen is in a segment now. On the writer thread, between groups.</summary>
    /// <param name="segment">Held by the caller once for this; null when nothing of it was left.</param>
    public void InstallFlushed(Segment? segment, IReadOnlyList<StoredConcept> flushed)
    {
        for (var row = 0; row < flushed.Count; row++)
        {
            if (flushed[row].Died is var died && died != DeadRows.Never)
            {
                segment!.Remove((uint)row, died);
            }
        }

        if (_erasedInFrozen)
        {
            segment?.MarkForRewriting();
        }

        _erasedInFrozen = false;

        _frozen!.Release();
        _frozen = null;
        _segments = segment is null ? _segments : [.. _segments, segment];
        Publish(_view.Sequence);
    }

    /// <summary>Some segments are one now. On the writer thread, between groups.</summary>
    public void InstallMerged(MergedSegment merged)
    {
        merged.CarryDeaths();
        _segments = merged.Apply(_segments);
        Publish(_view.Sequence);
        foreach (var input in merged.Inputs)
        {
            input.DeleteAtEnd();
            input.Release();
        }
    }

    /// <summary>Lets go of the segments: reads under way end well, later ones find nothing.</summary>
    public void Close()
    {
        var last = _view;
        _view = new EngineView(last.Sequence, last.Count, new MemoryTable(_options.Language), frozen: null, []);
        last.Release();
        _active.Release();
        _frozen?.Release();
        foreach (var segment in _segments)
        {
            segment.Release();
        }
    }

    private static bool TryGet(EngineView view, ConceptId id, [NotNullWhen(true)] out StoredConcept? concept)
    {
        if (view.Active.TryGet(id, out concept) || (view.Frozen?.TryGet(id, out concept) == true && concept!.Died > view.Sequence))
        {
            return true;
        }

        foreach (var segment in view.Segments)
        {
            if (segment.Segment.TryFind(id, out var row, out _) && segment.Segment.IsVisible(row, view.Sequence))
            {
                concept = StoredConcept.Of(segment.Segment, row);
                return concept is not null;
            }
        }

        concept = null;
        return false;
    }

    private bool Remove(ConceptId id, ulong sequence, bool replaced)
    {
        if (_active.TryGet(id, out var concept))
        {
            _active.Remove(concept, sequence, replaced);
            return true;
        }

        if (_frozen?.TryGet(id, out concept) == true && concept!.Died == DeadRows.Never)
        {
            _frozen.Remove(concept, sequence, replaced);
            return true;
        }

        foreach (var segment in _segments)
        {
            if (segment.TryFind(id, out var row, out _) && segment.IsAlive(row))
            {
                segment.Remove(row, sequence);
                return true;
            }
        }

        return false;
    }

    /// <summary>Segments that hold the id, removed or replaced as it may be, are written anew without what is dead. On the writer thread.</summary>
    public void LeaveNothing(ConceptId id)
    {
        _erasedInFrozen |= _frozen?.TryGet(id, out _) == true;
        foreach (var segment in _segments.Where(segment => segment.TryFind(id, out _, out _)))
        {
            segment.MarkForRewriting();
        }
    }

    // Between groups, so that every place is as of the same record.
    private void Publish(ulong sequence)
    {
        var moved = _full;
        var full = _frozen is null && moved is not null && IsFull(times: 1);
        if (full)
        {
            _active.Freeze();
            (_frozen, _active) = (_active, new MemoryTable(_options.Language));
        }

        var before = _view;
        _view = new EngineView(sequence, _count, _active, _frozen, _segments);
        before.Release();
        if (full)
        {
            moved!(_frozen!, sequence);
        }

        if (_frozen is not null && IsFull(times: MostCheckpointsBehind))
        {
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // Also when nobody moves anything any more.
        if (_frozen is null || _full is null)
        {
            GiveRoom();
        }
    }

    private bool IsFull(int times) =>
        _active.Rows >= (long)_options.MemoryRows * times || _active.LogBytes >= _options.MemoryBytes * times || Math.Max(_active.Texts.Bytes, _active.AssociationBytes) >= MostTextBytes * times;
}
