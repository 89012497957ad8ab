namespace Sutra.Api.Querying;

/// <summary>
/// Bounds how many questions are ranked at the same time, to one a processor: ranking is work without a pause, of up to a
/// thousand texts, and more of it at once would only take the threads that everything else needs.
/// </summary>
internal sealed class RankingGate : IDisposable
{
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount);

    /// <exception cref="OperationCanceledException">The asker went away, waiting or in the middle of the work.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            return work();
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
