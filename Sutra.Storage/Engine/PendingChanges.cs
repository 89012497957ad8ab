using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

internal abstract class PendingChange<TResult>(ConceptState state) : PendingRecord
{
    private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _refusal;

    public Task<TResult> Done => _done.Task;

    protected ConceptState State { get; } = state;

    protected TResult Result { get; set; } = default!;

    public override void Complete()
    {
        if (_refusal is null)
        {
            _done.SetResult(Result);
        }
        else
        {
            _done.SetException(_refusal);
        }
    }

    public override void Fail(Exception failure) => _done.TrySetException(failure);

    protected bool Refuse(Exception refusal)
    {
        _refusal = refusal;
        return false;
    }
}

internal sealed class PendingLearn(ConceptState state, byte[] payload, ContentKey key, string model, string owner, CollectionSeal seal) : PendingChange<LearnResult>(state)
{
    // By the caller's thread: the one that writes has better things to do.
    private readonly byte[] _associations = AssociationRecord.Of(payload);
    private byte[]? _record;

    public override RecordType Type => seal.Mode == EncryptionMode.Off ? RecordType.Learn : RecordType.SealedLearn;

    public override ReadOnlyMemory<byte> Payload => _record ?? payload;

    // Here and not earlier: what is held, and by whom, depends on every record before this one.
    public override bool Prepare()
    {
        if (State.IsErasing(owner))
        {
            return Refuse(new OwnerErasedException());
        }

        try
        {
            seal.Prepare(owner);
        }
        catch (Exception e) when (e is KeyRingException or IOException)
        {
            // Nobody's trouble but this learner's: the log is whole.
            return Refuse(e is KeyRingUnavailableException ? e : new KeyRingUnavailableException("A key of the key ring cannot be read.", e));
        }

        if (!State.Takes(model))
        {
            return Refuse(new InvalidConceptException("model", "must be that of the collection's other concepts"));
        }

        if (State.Directory.Learn(key, ConceptRecord.ContentBytes(payload), model, ConceptRecord.Dimension(payload)) is not { } result)
        {
            return Refuse(new InvalidConceptException("embedding", "must have the same dimension as the model's other concepts"));
        }

        Result = result;
        ConceptRecord.SetId(payload, result.Id);
        if (seal.Mode != EncryptionMode.Off)
        {
            _record = ConceptRecord.WriteSealed(result.Id, seal.Seal(owner, result.Id, payload));
        }

        return true;
    }

    public override void Apply(ulong sequence) => State.Learn(payload, key, model, sequence, _associations);
}

internal sealed class PendingDelete(ConceptState state, ConceptId id, byte[] payload) : PendingChange<bool>(state)
{
    /// <summary>Only what was learned before, and not again since.</summary>
    public DateTimeOffset? LearnedBefore { get; init; }

    /// <summary>Only what is this data subject's, and nothing of it is to be left in any file.</summary>
    public string? ErasedOwner { get; init; }

    public override RecordType Type => ErasedOwner is null ? RecordType.Delete : RecordType.Erase;

    public override ReadOnlyMemory<byte> Payload => payload;

    public override bool Prepare()
    {
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

        if (ErasedOwner is not null)
        {
            // Removed or replaced since it was looked for: what it left in files goes all the same.
            State.LeaveNothing(id);
        }

        return false;
    }

    public override void Apply(ulong sequence) => State.Delete(id, sequence, erase: ErasedOwner is not null);
}
