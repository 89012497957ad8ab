using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sutra.Contracts.Api;

namespace Sutra.Tests.Gateway.Page;

/// <summary>What the page needs of the services: learns, and answers with whatever the test puts in <see cref="Answer"/>.</summary>
internal sealed class StubApi
{
    private static readonly QueryTiming Timing = new(2.9, 0.8, 0.4, 4.6);

    public ConcurrentQueue<LearnRequest> Learned { get; } = new();

    public Func<QueryRequest, QueryResponse> Answer { get; set; } = _ => new QueryResponse(null, 0, [], "nothing was learned yet", Timing);

    public bool Healthy { get; set; } = true;

    public static QueryResponse Found(string? answer, double confidence, params Evidence[] evidence) => new(answer, confidence, evidence, null, Timing);

    public async Task HandleAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/api/learn":
                var request = (await JsonSerializer.DeserializeAsync(context.Request.Body, ApiJson.Default.LearnRequest))!;
                if (request.Content == "refuse this")
                {
                    context.Response.StatusCode = 422;
                    await context.Response.WriteAsJsonAsync(
                        new { title = "Not learnable", detail = "This text is refused.", status = 422, traceId = "0af7651916cd43dd8448eb211c80319c" },
                        options: null,
                        "application/problem+json");
                    return;
                }

                Learned.Enqueue(request);
                context.Response.StatusCode = 201;
                await context.Response.WriteAsJsonAsync(new LearnResponse("00c0ffee00c0ffee", true), ApiJson.Default.LearnResponse);
                return;
            case "/api/query":
                var query = (await JsonSerializer.DeserializeAsync(context.Request.Body, ApiJson.Default.QueryRequest))!;
                await context.Response.WriteAsJsonAsync(Answer(query), ApiJson.Default.QueryResponse);
                return;
            case "/health":
                context.Response.StatusCode = Healthy ? 200 : 503;
                await context.Response.WriteAsJsonAsync(new
                {
                    status = Healthy ? "Healthy" : "Unhealthy",
                    timestamp = DateTimeOffset.UnixEpoch,
                    duration_ms = 3.1,
                    components = new[]
                    {
                        new { name = "embedder", status = "Healthy", description = (string?)null, duration_ms = 1.2 },
                        new { name = "storage", status = Healthy ? "Healthy" : "Unhealthy", description = Healthy ? null : "no answer", duration_ms = 1.9 },
                    },
                });
                return;
            default:
                await context.Response.WriteAsync("{}");
                return;
        }
    }
}
