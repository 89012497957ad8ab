using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api;

/// <summary>A gRPC service on a loopback port, that can be stopped and come back on the same port.</summary>
/// <param name="alsoServes">Maps what else is there, at every start.</param>
internal sealed class GrpcServer<TService>(TService service, Action<WebApplication>? alsoServes = null, Action<IServiceCollection>? alsoHas = null) : IAsyncDisposable
    where TService : class
{
    private readonly int _port = FreePort.Next();
    private WebApplication? _app;

    public TService Service { get; } = service;

    public string Address => $"http://127.0.0.1:{_port}";

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(_port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(Service);
        alsoHas?.Invoke(builder.Services);
        _app = builder.Build();
        _app.MapGrpcService<TService>();
        alsoServes?.Invoke(_app);
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            await _app.StopAsync(now.Token);
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
