using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway;

/// <summary>A service behind the gateway: real Kestrel, answers what the test says, remembers what reached it.</summary>
internal sealed class StubService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubService(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public ConcurrentQueue<Received> Requests { get; } = new();

    public static Task<StubService> StartAsync() => StartAsync(context => context.Response.WriteAsync("stub"));

    /// <param name="port">0 takes any; a test that starts a service anew on the same port gives one of <see cref="FreePort"/>'s.</param>
    public static async Task<StubService> StartAsync(RequestDelegate answer, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = $"http://127.0.0.1:{port}";
        var app = builder.Build();
        var stub = new StubService(app);
        app.Run(async context =>
        {
            stub.Requests.Enqueue(new Received(
                context.Request.Method,
                context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
            await answer(context);
        });
        await app.StartAsync();
        return stub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    internal sealed record Received(string Method, string Target, IReadOnlyDictionary<string, string> Headers);
}
