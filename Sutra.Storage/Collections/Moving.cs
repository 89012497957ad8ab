using Sutra.Storage.Engine;

namespace Sutra.Storage.Collections;

/// <summary>Somebody fills a collection that is to take another's place. In memory only: a start forgets it, and they begin to compare anew.</summary>
internal sealed class Moving(ConceptEngine source, ChangeNotes notes, TimeProvider time) : IDisposable
{
    /// <summary>Who has not been heard of for so long has lost it to whoever comes next.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private long _heard = time.GetTimestamp();
    private TaskCompletionSource? _hold;
    private ITimer? _end;

    public ConceptEngine Source { get; } = source;

    public ChangeNotes Notes { get; } = notes;

    /// <summary>Nobody else's notes ever have it.</summary>
    public string Epoch { get; } = Guid.NewGuid().ToString("N");

    public string Worker { get; private set; } = "";

    /// <summary>What they said of the last failure, for people.</summary>
    public string Failure { get; private set; } = "";

    public bool IsWorking => Worker.Length > 0 && Failure.Length == 0 && time.GetElapsedTime(Interlocked.Read(ref _heard)) < Lease;

    public bool IsHeld => _hold is { Task.IsCompleted: false };

    /// <param name="failure">Not empty: they give it up, for whoever comes next.</param>
    /// <returns>False: somebody else works on it.</returns>
    public bool TryTake(string worker, string failure)
    {
        if (IsWorking && Worker != worker)
        {
            return false;
        }

        (Worker, Failure) = (worker, failure);
        Interlocked.Exchange(ref _heard, time.GetTimestamp());
        return true;
    }

    /// <summary>When it returns, nothing changes in the source any more; after a time, at the latest, it does again.</summary>
    public async Task HoldAsync(TimeSpan most)
    {
        Release();
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _hold = hold;
        _end = time.CreateTimer(_ => hold.TrySetResult(), null, most, Timeout.InfiniteTimeSpan);
        await Source.HoldAsync(hold.Task).ConfigureAwait(false);
    }

    /// <summary>Who waits goes on.</summary>
    public void Release()
    {
        _end?.Dispose();
        _hold?.TrySetResult();
    }

    public void Dispose() => Release();
}
