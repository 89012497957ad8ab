using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sutra.Contracts.Api;

namespace Sutra.Tests.Cli.Demo;

/// <summary>An HTTP server that answers learn and query as the gateway would, from memory.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _concurrent;
    private int _mostConcurrent;

    private FakeGateway(WebApplication app) => _app = app;

    public const string Key = "sutra_test";

    public Uri Url => new(_app.Urls.Single());

    public ConcurrentDictionary<string, LearnRequest> Learnt { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<QueryRequest> Asked { get; } = new();

    public int MostConcurrentLearns => _mostConcurrent;

    /// <summary>Answers a learn instead of accepting it; null = accept. Gets the number of learns seen before.</summary>
    public Func<int, IResult?> Refuse { get; set; } = _ => null;

    /// <summary>What a query is answered with.</summary>
    public Func<QueryRequest, IResult>? Answer { get; set; }

    public static async Task<FakeGateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var gateway = new FakeGateway(builder.Build());
        gateway._app.Urls.Add("http://127.0.0.1:0");
        gateway.Map();
        await gateway._app.StartAsync();
        return gateway;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private void Map()
    {
        var seen = 0;
        _app.Use((context, next) =>
        {
            if (context.Request.Headers.Authorization != $"Bearer {Key}")
            {
                return Results.Problem(statusCode: 401).ExecuteAsync(context);
            }

            return next(context);
        });
        _app.MapPost("/api/learn", async (HttpContext context) =>
        {
            var request = (LearnRequest)(await context.Request.ReadFromJsonAsync(ApiJson.Default.LearnRequest))!;
            if (Refuse(Interlocked.Increment(ref seen) - 1) is { } refusal)
            {
                return refusal;
            }

            var now = Interlocked.Increment(ref _concurrent);
            InterlockedMax(ref _mostConcurrent, now);
            await Task.Delay(2);
            Interlocked.Decrement(ref _concurrent);
            var created = Learnt.TryAdd(request.Content!, request);
            return Results.Json(new LearnResponse("0123456789abcdef", created), ApiJson.Default.LearnResponse, statusCode: 201);
        });
        _app.MapPost("/api/query", async (HttpContext context) =>
        {
            var request = (QueryRequest)(await context.Request.ReadFromJsonAsync(ApiJson.Default.QueryRequest))!;
            Asked.Enqueue(request);
            return Answer is null ? Results.Problem(statusCode: 500, title: "No answer was set") : Answer(request);
        });
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int known;
        while (value > (known = Volatile.Read(ref target)) && Interlocked.CompareExchange(ref target, value, known) != known)
        {
        }
    }
}
