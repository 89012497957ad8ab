using System.Net;
using Polly;
using Polly.Retry;

namespace Sutra.Client.Http;

/// <summary>
/// Tries again what did not reach the server, or was refused for now (408, 429, 502, 503, 504), with growing pauses, or the one that <c>Retry-After</c> asks for.
/// Only what may happen twice (<see cref="MayRepeat"/>).
/// </summary>
internal sealed class RetryHandler : DelegatingHandler
{
    /// <summary>The request does no harm when it happens twice, and its body can be sent twice.</summary>
    public static readonly HttpRequestOptionsKey<bool> MayRepeat = new("Sutra.MayRepeat");

    public const string IdempotencyKey = "Idempotency-Key";

    private static readonly ResiliencePropertyKey<HttpRequestMessage> s_request = new("Sutra.Request");

    private readonly SutraClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    public RetryHandler(SutraClientOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _pipeline = options.MaxRetries == 0
            ? ResiliencePipeline<HttpResponseMessage>.Empty
            : new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
                .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = options.MaxRetries,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = options.RetryDelay,
                    MaxDelay = options.MaxRetryDelay,
                    ShouldHandle = arguments => ValueTask.FromResult(IsWorthwhile(arguments)),
                    DelayGenerator = arguments => ValueTask.FromResult(Asked(arguments.Outcome.Result)),
                })
                .Build();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        context.Properties.Set(s_request, request);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (context, state) => await state.Handler.SendOnceAsync(state.Request, context.CancellationToken).ConfigureAwait(false),
                context,
                (Handler: this, Request: request)).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellation) => base.SendAsync(request, cancellation);

    private bool IsWorthwhile(RetryPredicateArguments<HttpResponseMessage> arguments)
    {
        if (!arguments.Context.Properties.TryGetValue(s_request, out var request) || !request.Options.TryGetValue(MayRepeat, out var may) || !may)
        {
            return false;
        }

        if (arguments.Outcome.Result is not { } response)
        {
            return arguments.Outcome.Exception is HttpRequestException;
        }

        return response.StatusCode switch
        {
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                Asked(response) is not { } pause || pause <= _options.MaxRetryDelay,

            // The first try, whose answer was lost, is still under way.
            HttpStatusCode.Conflict => arguments.AttemptNumber > 0 && request.Headers.Contains(IdempotencyKey),
            _ => false,
        };
    }

    /// <summary>How long the server asks to wait; null when it does not say.</summary>
    private TimeSpan? Asked(HttpResponseMessage? response)
    {
        var after = response?.Headers.RetryAfter;
        return after?.Delta ?? (after?.Date is { } date ? TimeSpan.FromTicks(Math.Max(0, (date - _time.GetUtcNow()).Ticks)) : null);
    }
}
