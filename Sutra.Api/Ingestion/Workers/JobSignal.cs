namespace Sutra.Api.Ingestion.Workers;

/// <summary>Wakes whoever waits for work of this instance; that of others is found by looking.</summary>
internal sealed class JobSignal
{
    private TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => Interlocked.Exchange(ref _set, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Ends when it is set next. Take it before looking for work, so that none is missed in between.</summary>
    public Task Next => Volatile.Read(ref _set).Task;

    public static async Task WaitAsync(Task next, TimeSpan atMost, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await next.WaitAsync(atMost, time, cancellation);
        }
        catch (TimeoutException)
        {
            // Looking again is what it is for.
        }
    }
}
