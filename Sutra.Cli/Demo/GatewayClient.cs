using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sutra.Contracts.Api;

namespace Sutra.Cli.Demo;

/// <summary>The two calls that the demo makes, with patience for a gateway that says "too many requests". Thread-safe.</summary>
internal sealed class GatewayClient : IDisposable
{
    private const int MaximumAttempts = 12;
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    // One client's limit is everybody's: who hears "later" makes all callers wait. Ticks, UTC; read and raised atomically.
    private long _resumeAt;

    public GatewayClient(Uri url, string key, TimeProvider time)
    {
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>Teaches one concept.</summary>
    /// <returns>The time of the request that was accepted, without waits for the rate limit.</returns>
    public async Task<TimeSpan> LearnAsync(LearnRequest request, CancellationToken cancellation)
    {
        var (_, elapsed) = await SendAsync("api/learn", request, ApiJson.Default.LearnRequest, ApiJson.Default.LearnResponse, cancellation);
        return elapsed;
    }

    public async Task<(QueryResponse Response, TimeSpan Elapsed)> QueryAsync(QueryRequest request, CancellationToken cancellation) =>
        await SendAsync("api/query", request, ApiJson.Default.QueryRequest, ApiJson.Default.QueryResponse, cancellation);

    public void Dispose() => _http.Dispose();

    private async Task<(TResponse Response, TimeSpan Elapsed)> SendAsync<TRequest, TResponse>(
        string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResponse> responseType, CancellationToken cancellation)
        where TResponse : class
    {
        for (var attempt = 1; ; attempt++)
        {
            await WaitForTurnAsync(cancellation);
            var started = _time.GetTimestamp();
            using var response = await PostAsync(path, request, requestType, cancellation);
            if (IsTryLater(response) && attempt < MaximumAttempts)
            {
                HoldEveryone(Delay(response, attempt));
                continue;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new DemoException(await DescribeAsync(path, response, cancellation));
            }

            try
            {
                var body = await response.Content.ReadFromJsonAsync(responseType, cancellation);
                return (body ?? throw new JsonException("null"), _time.GetElapsedTime(started));
            }
            catch (JsonException)
            {
                throw new DemoException($"/{path} answered {(int)response.StatusCode} with something that is no {typeof(TResponse).Name}.");
            }
        }
    }

    private async Task<HttpResponseMessage> PostAsync<TRequest>(string path, TRequest request, JsonTypeInfo<TRequest> type, CancellationToken cancellation)
    {
        try
        {
            return await _http.PostAsJsonAsync(path, request, type, cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new DemoException($"{_http.BaseAddress} cannot be reached: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DemoException($"/{path} did not answer within {_http.Timeout.TotalSeconds:F0} s.");
        }
    }

    private static bool IsTryLater(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.TooManyRequests
        || (response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null);

    private TimeSpan Delay(HttpResponseMessage response, int attempt)
    {
        var asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => FirstBackOff * Math.Pow(2, attempt - 1),
        };
        return asked < FirstBackOff ? FirstBackOff : asked > LongestBackOff ? LongestBackOff : asked;
    }

    private void HoldEveryone(TimeSpan delay)
    {
        var until = (_time.GetUtcNow() + delay).UtcTicks;
        long known;
        while (until > (known = Interlocked.Read(ref _resumeAt)) && Interlocked.CompareExchange(ref _resumeAt, until, known) != known)
        {
        }
    }

    private async Task WaitForTurnAsync(CancellationToken cancellation)
    {
        while (Interlocked.Read(ref _resumeAt) - _time.GetUtcNow().UtcTicks is var ticks and > 0)
        {
            await Task.Delay(TimeSpan.FromTicks(ticks) + TimeSpan.FromMilliseconds(1), _time, cancellation);
        }
    }

    private static async Task<string> DescribeAsync(string path, HttpResponseMessage response, CancellationToken cancellation)
    {
        var reason = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "the API key is not accepted",
            HttpStatusCode.TooManyRequests => "too many requests, and waiting did not help",
            _ => await ProblemAsync(response, cancellation) ?? response.ReasonPhrase ?? "no reason given",
        };
        return $"/{path} answered {(int)response.StatusCode}: {reason}";
    }

    private static async Task<string?> ProblemAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation));
            return problem.RootElement.ValueKind != JsonValueKind.Object ? null
                : problem.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString()
                : problem.RootElement.TryGetProperty("title", out var title) ? title.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
