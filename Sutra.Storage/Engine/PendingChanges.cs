using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

internal abstract class PendingChange<TResult>(ConceptState state, PendingBatch? batch = null) : PendingRecord
{
    private readonly TaskCompletionSource<TResult>? _done = batch is null ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;

    /// <summary>Of one that is in no batch.</summary>
    public Task<TResult> Done => _done!.Task;

    /// <summary>Once it is answered, and was not refused.</summary>
    public TResult Result { get; protected set; } = default!;

    /// <summary>Why nothing came of it, once it is answered.</summary>
    public Exception? Refusal { get; private set; }

    protected ConceptState State { get; } = state;

    public override void Complete()
    {
        if (_done is null)
        {
            batch!.Answered();
        }
        else if (Refusal is null)
        {
            _done.SetResult(Result);
        }
        else
        {
            _done.SetException(Refusal);
        }
    }

    public override void Fail(Exception failure)
    {
        if (_done is null)
        {
            batch!.Fail(failure);
        }
        else
        {
            _done.TrySetException(failure);
        }
    }

    protected bool Refuse(Exception refusal)
    {
        Refusal = refusal;
        return false;
    }
}

/// <summary>Changes that are answered together: by the log's thread only.</summary>
internal sealed class PendingBatch(int changes)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = changes;

    public Task Done => _done.Task;

    public void Answered()
    {
        if (--_left == 0)
        {
            _done.TrySetResult();
        }
    }

    public void Fail(Exception failure) => _done.TrySetException(failure);
}

internal sealed class PendingLearn(ConceptState state, byte[] payload, ContentKey key, NewConcept concept, CollectionSeal seal, PendingBatch? batch = null)
    : PendingChange<LearnResult>(state, batch)
{
    private readonly string _model = concept.Model;
    private readonly string _owner = concept.Owner;
    private readonly ConceptId? _replaced = concept.Id;
    private readonly bool _restores = concept.Restores;

    // By the caller's thread: the one that writes has better things to do.
    private readonly byte[] _associations = AssociationRecord.Of(payload);
    private byte[]? _record;

    public override RecordType Type => seal.Mode == EncryptionMode.Off ? RecordType.Learn : RecordType.SealedLearn;

    public override ReadOnlyMemory<byte> Payload => _record ?? payload;

    // Here and not earlier: what is held, and by whom, depends on every record before this one.
    public override bool Prepare()
    {
        if (State.Moving is { } moving)
        {
            return Refuse(moving);
        }

        if (State.IsErasing(_owner))
        {
            return Refuse(new OwnerErasedException());
        }

        if (!State.Takes(_model))
        {
            return Refuse(new InvalidConceptException("model", "must be that of the collection's other concepts"));
        }

        if (!State.Directory.TryPlace(key, ConceptRecord.ContentBytes(payload), _replaced, _restores, _model, ConceptRecord.Dimension(payload), out var result, out var refusal))
        {
            return Refuse(refusal);
        }

        ConceptRecord.SetId(payload, result.Id);
        if (seal.Mode != EncryptionMode.Off)
        {
            try
            {
                seal.Prepare(_owner);
                _record = ConceptRecord.WriteSealed(result.Id, seal.Seal(_owner, result.Id, payload));
            }
            catch (Exception e) when (e is KeyRingException or IOException)
            {
                // Nobody's trouble but this learner's: the log is whole.
                return Refuse(e is KeyRingUnavailableException ? e : new KeyRingUnavailableException("A key of the key ring cannot be read.", e));
            }
        }

        Result = result;
        State.Directory.Put(result.Id, key, _model, ConceptRecord.Dimension(payload));
        return true;
    }

    public override void Apply(ulong sequence) => State.Learn(payload, key, _model, sequence, _associations);
}

internal sealed class PendingDelete(ConceptState state, ConceptId id, byte[] payload) : PendingChange<bool>(state)
{
    private bool _gone;

    /// <summary>Only what was learned before, and not again since.</summary>
    public DateTimeOffset? LearnedBefore { get; init; }

    /// <summary>Only what is this data subject's, and nothing of it is to be left in any file.</summary>
    public string? ErasedOwner { get; init; }

    public override RecordType Type => ErasedOwner is null ? RecordType.Delete : RecordType.Erase;

    public override ReadOnlyMemory<byte> Payload => payload;

    public override bool Prepare()
    {
        if (State.Moving is { } moving)
        {
            return Refuse(moving);
        }

        try
        {
            if (State.Matches(id, LearnedBefore, ErasedOwner))
            {
                return Result = State.Directory.Remove(id);
            }
        }
        catch (SegmentCorruptException e)
        {
            return Refuse(e);
        }

        _gone = true;
        return false;
    }

    public override void Complete()
    {
        if (_gone && ErasedOwner is not null)
        {
            // Removed or replaced since it was looked for, be it in this group: what it left in files goes all the same.
            State.LeaveNothing(id);
        }

        base.Complete();
    }

    public override void Apply(ulong sequence) => State.Delete(id, sequence, erase: ErasedOwner is not null);
}
