using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Sutra.Contracts.Identity;
using Sutra.Gateway;
using Sutra.Gateway.Keys;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway;

/// <summary>The gateway on a real socket, with the services that the test gives it.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    public const string IdentityKey = "a key for tests, long enough to be one";

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private WebApplicationFactory<GatewayOptions>? _factory;

    private GatewayHost()
    {
    }

    public string KeysPath => _folder.File("keys.json");

    public Uri Address { get; private set; } = null!;

    /// <summary>Without a key.</summary>
    public HttpClient Anonymous { get; private set; } = null!;

    /// <summary>With a key that has every scope.</summary>
    public HttpClient Client { get; private set; } = null!;

    public string Key => _keys["all"];

    public IServiceProvider Services => _factory!.Services;

    public static Task<GatewayHost> StartAsync(
        Uri? api = null,
        Uri? embedder = null,
        IReadOnlyDictionary<string, string>? settings = null,
        Uri? embedderGrpc = null)
    {
        var gateway = new GatewayHost();
        var keys = new[]
        {
            gateway.NewKey("all", [.. Permissions.All]),
            gateway.NewKey("read", Permissions.Read),
        };
        KeyFile.Write(gateway.KeysPath, keys, replace: false);

        gateway._factory = new WebApplicationFactory<GatewayOptions>().WithWebHostBuilder(web =>
        {
            web.UseUrls("http://127.0.0.1:0");

            // An address that nobody listens on, unless the test has a service there.
            web.UseSetting("services:api:http:0", (api ?? new Uri("http://127.0.0.1:9")).ToString());
            web.UseSetting("services:embedder:http:0", (embedder ?? new Uri("http://127.0.0.1:9")).ToString());
            web.UseSetting("services:embedder:grpc:0", (embedderGrpc ?? new Uri("http://127.0.0.1:9")).ToString());
            web.UseSetting("Gateway:KeysPath", gateway.KeysPath);
            web.UseSetting("Gateway:FirstKeyPath", gateway._folder.File("first.key"));
            web.UseSetting("Identity:Key", IdentityKey);
            foreach (var (name, value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
            {
                web.UseSetting(name, value);
            }
        });
        gateway._factory.UseKestrel();
        gateway._factory.StartServer();
        gateway.Address = new Uri(gateway.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        gateway.Anonymous = new HttpClient { BaseAddress = gateway.Address };
        gateway.Client = gateway.ClientWith(gateway.Key);
        return Task.FromResult(gateway);
    }

    /// <summary>A client with the key of this name: <c>all</c> or <c>read</c>.</summary>
    public HttpClient ClientNamed(string name) => ClientWith(_keys[name]);

    public HttpClient ClientWith(string key) => new()
    {
        BaseAddress = Address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };

    /// <summary>A new key that the gateway knows once it is in <see cref="KeysPath"/>.</summary>
    public ApiKey NewKey(string name, params string[] scopes)
    {
        var id = ApiKeyText.NewId();
        _keys[name] = ApiKeyText.New(id);
        return new ApiKey(id, name, ApiKeyText.HexHash(_keys[name]), scopes, DateTimeOffset.UnixEpoch);
    }

    public async ValueTask DisposeAsync()
    {
        Anonymous?.Dispose();
        Client?.Dispose();
        if (_factory is not null)
        {
            await _factory.DisposeAsync();
        }

        _folder.Dispose();
    }
}
