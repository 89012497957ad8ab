namespace Sutra.Api.Querying;

/// <summary>
/// Bounds how many questions are looked up and ranked at the same time, to one a processor: ranking is work without a pause, of
/// up to a thousand texts, and more of it at once would only take the threads that everything else needs. A question that waits
/// holds no texts yet; those of one that is ranked may take tens of MiB.
/// </summary>
internal sealed class RankingGate : IDisposable
{
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount);

    /// <exception cref="OperationCanceledException">The asker went away, waiting or in the middle of the work.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            return await work();
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
