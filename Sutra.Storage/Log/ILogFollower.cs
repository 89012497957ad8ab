namespace Sutra.Storage.Log;

/// <summary>What the log is the log of. Called by one thread at a time: the opener's, then the log's own.</summary>
public interface ILogFollower
{
    /// <summary>A record found at start, in order. Throws <see cref="InvalidDataException"/> when the payload is not one it wrote.</summary>
    void Replay(RecordType type, ulong sequence, ReadOnlySpan<byte> payload);

    /// <summary>Every record up to <paramref name="sequence"/> is on the disk and applied; their writers are told after this returns.</summary>
    void GroupApplied(ulong sequence);
}
