using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sutra.Contracts.Identity;
using Sutra.Storage;
using Sutra.Storage.Collections;
using Sutra.Storage.Files;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Api.Collections;

/// <summary>The storage service itself, on a simulated disk and a loopback port that it comes back on.</summary>
internal sealed class RealStorage(SimulatedDisk disk) : IAsyncDisposable
{
    private readonly int _port = FreePort.Next();
    private WebApplication? _app;

    public string Address => $"http://127.0.0.1:{_port}";

    public SimulatedDisk Disk { get; private set; } = disk;

    public CollectionStore Store => _app!.Services.GetRequiredService<CollectionStore>();

    public static async Task<RealStorage> StartNewAsync()
    {
        var storage = new RealStorage(new SimulatedDisk());
        await storage.StartAsync();
        return storage;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:DataPath"] = "/data",
            ["Identity:Key"] = ApiUnderTest.IdentityKey,
        });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(_port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton<IFileSystem>(Disk);
        builder.AddInternalIdentity();
        builder.AddStorage();
        _app = builder.Build();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapStorage();
        await _app.StartAsync();
    }

    /// <summary>As a kill does: what was written is there, nothing was closed.</summary>
    public async Task KillAsync()
    {
        Disk = Disk.Kill();
        await StopAsync();
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
