using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Retries transient failures three times, exponentially from 2 s with jitter, or when <c>Retry-After</c> says.</summary>
public class HttpRetryStrategyOptions : RetryStrategyOptions<HttpResponseMessage>
{
    private bool _shouldRetryAfterHeader;

    public HttpRetryStrategyOptions()
    {
        ShouldHandle = static arguments => new(
            HttpClientResiliencePredicates.IsTransient(arguments.Outcome)
            || HttpClientResiliencePredicates.IsConnectionTimeout(arguments.Outcome, arguments.Context.CancellationToken));
        BackoffType = DelayBackoffType.Exponential;
        UseJitter = true;
        ShouldRetryAfterHeader = true;
    }

    /// <summary>Whether a response's <c>Retry-After</c> decides the delay; default true.</summary>
    public bool ShouldRetryAfterHeader
    {
        get => _shouldRetryAfterHeader;
        set
        {
            _shouldRetryAfterHeader = value;
            DelayGenerator = value ? static arguments => new(RetryAfter(arguments.Outcome.Result)) : null;
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage? response) => response?.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - TimeProvider.System.GetUtcNow() is var wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}

/// <summary>Opens on transient failures; the numbers are Polly's defaults (10 % of at least 100 in 30 s, open for 5 s).</summary>
public class HttpCircuitBreakerStrategyOptions : CircuitBreakerStrategyOptions<HttpResponseMessage>
{
    public HttpCircuitBreakerStrategyOptions()
    {
        ShouldHandle = static arguments => new(HttpClientResiliencePredicates.IsTransient(arguments.Outcome));
    }
}

public class HttpTimeoutStrategyOptions : TimeoutStrategyOptions;
