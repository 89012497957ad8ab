using Sutra.Storage.Log;

namespace Sutra.Storage.Engine;

/// <summary>
/// A change of where concepts lie or of what is taken, not of what concepts are: nothing is written, but it happens on the log's thread, before anything
/// of the group that it is part of is applied. Done when everything before it is.
/// </summary>
internal sealed class PendingInstall(Action install) : PendingRecord
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    public override RecordType Type => RecordType.Stop;

    public override ReadOnlyMemory<byte> Payload => default;

    public override bool Prepare()
    {
        install();
        return false;
    }

    public override void Apply(ulong sequence)
    {
    }

    public override void Complete() => _done.TrySetResult();

    public override void Fail(Exception failure) => _done.TrySetException(failure);
}
