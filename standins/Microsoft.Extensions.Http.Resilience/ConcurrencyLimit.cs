namespace Polly.RateLimiting;

/// <summary>More requests at once than the limit allows; none waits.</summary>
public sealed class RateLimiterRejectedException()
    : ExecutionRejectedException("The operation could not be executed because it was rejected by the rate limiter.");

/// <summary>The standard pipeline's bulkhead: 1000 requests at once, no queue.</summary>
internal sealed class ConcurrencyLimit : ResilienceStrategy<HttpResponseMessage>
{
    private const int Permits = 1000;
    private int _used;

    protected override async ValueTask<Outcome<HttpResponseMessage>> ExecuteCore<TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<HttpResponseMessage>>> callback,
        ResilienceContext context,
        TState state)
    {
        try
        {
            return Interlocked.Increment(ref _used) <= Permits
                ? await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext)
                : Outcome.FromException<HttpResponseMessage>(new RateLimiterRejectedException());
        }
        finally
        {
            Interlocked.Decrement(ref _used);
        }
    }
}
