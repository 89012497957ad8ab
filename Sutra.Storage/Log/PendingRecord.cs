namespace Sutra.Storage.Log;

/// <summary>
/// A record on its way into the log. The log calls these in order, on its own thread: <see cref="Prepare"/> when the record's place
/// in the log is known and before it is written, <see cref="Apply"/> when it is on the disk, and then <see cref="Complete"/>; or
/// <see cref="Fail"/> at any point.
/// </summary>
public abstract class PendingRecord
{
    /// <summary>Of those that were enqueued together, the one after this.</summary>
    internal PendingRecord? Next { get; set; }

    /// <summary>A payload of at most 16 MiB. <see cref="Prepare"/> may still change it.</summary>
    public abstract RecordType Type { get; }

    public abstract ReadOnlyMemory<byte> Payload { get; }

    /// <summary>False: there is nothing to write after all. The answer still waits until everything before it is on the disk.</summary>
    public abstract bool Prepare();

    public abstract void Apply(ulong sequence);

    public abstract void Complete();

    public abstract void Fail(Exception failure);
}
