using System.Globalization;
using Sutra.Contracts.Identity;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Support;

/// <summary>The real embedder, running by itself with an HTTP and a gRPC port.</summary>
internal sealed class EmbedderProcess : IAsyncDisposable
{
    public const string Key = "a key of tests only, long enough to sign with";

    private EmbedderProcess(ServiceProcess process, int httpPort, int grpcPort)
    {
        Process = process;
        Http = new Uri($"http://127.0.0.1:{httpPort}");
        GrpcAddress = $"127.0.0.1:{grpcPort}";
    }

    public ServiceProcess Process { get; }

    public Uri Http { get; }

    public string GrpcAddress { get; }

    public static string Token(params string[] scopes) =>
        new InternalToken(Key, TimeSpan.FromMinutes(30), TimeProvider.System).Mint(new CallerIdentity("key:test", scopes));

    /// <summary>Starts and waits until it is ready.</summary>
    /// <param name="modelPath">Null: the built-in model.</param>
    public static Task<EmbedderProcess> StartAsync(string? modelPath = null, params (string Name, string Value)[] settings) =>
        StartAsync(modelPath, FreePort.Next(), settings);

    public static async Task<EmbedderProcess> StartAsync(string? modelPath, int http, params (string Name, string Value)[] settings)
    {
        var grpc = FreePort.Next();
        var process = Start(modelPath, http, grpc, settings);
        var embedder = new EmbedderProcess(process, http, grpc);
        await process.WaitForOkAsync(new Uri(embedder.Http, "/ready").ToString());
        return embedder;
    }

    /// <summary>Starts and does not wait.</summary>
    public static EmbedderProcess StartUnready(string modelPath, params (string Name, string Value)[] settings)
    {
        int http = FreePort.Next(), grpc = FreePort.Next();
        return new EmbedderProcess(Start(modelPath, http, grpc, settings), http, grpc);
    }

    public static ServiceProcess Start(string? modelPath, int http, int grpc, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Identity__Key"] = Key,
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{http};http://127.0.0.1:{grpc}",
            ["GRPC_PORT"] = grpc.ToString(CultureInfo.InvariantCulture),
            ["Embedder__ModelPath"] = modelPath,
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return ServiceProcess.Start(Repository.Program("Sutra.Embedder"), environment);
    }

    /// <summary>A client whose requests carry a caller who may read.</summary>
    public HttpClient CreateClient()
    {
        var client = new HttpClient { BaseAddress = Http, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Add(InternalToken.Header, Token(Permissions.Read));
        return client;
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
