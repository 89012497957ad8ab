using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sutra.Api.Embeddings;
using Sutra.Api.Identity;
using Sutra.Contracts.Identity;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api;

/// <summary>The real API on Kestrel, with an embedder and a storage of the tests behind real gRPC.</summary>
internal sealed class ApiUnderTest : IAsyncDisposable
{
    public const string HashKey = "audit-hash-key-of-the-api-tests-0123456789";
    public const string IdentityKey = "identity-key-of-the-api-tests-0123456789";

    private static readonly InternalToken s_tokens = new(IdentityKey, TimeSpan.FromMinutes(1), TimeProvider.System);

    private readonly TemporaryFolder _folder = new();
    private readonly Factory _factory;

    private ApiUnderTest(GrpcServer<FakeEmbedder> embedder, GrpcServer<FakeStorage> storage, IReadOnlyDictionary<string, string?> settings)
    {
        Embedder = embedder;
        Storage = storage;
        AuditFile = _folder.File("audit.jsonl");
        var all = new Dictionary<string, string?>
        {
            ["Identity:Key"] = IdentityKey,
            ["Audit:HashKey"] = HashKey,
            ["Audit:FilePath"] = AuditFile,
            ["services:embedder:grpc:0"] = embedder.Address,
            ["services:storage:grpc:0"] = storage.Address,
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        _factory = new Factory(all, Logs);
        _factory.UseKestrel(0);
        _factory.StartServer();
        Http = Client(Permissions.Read, Permissions.Write);
    }

    public GrpcServer<FakeEmbedder> Embedder { get; }

    public GrpcServer<FakeStorage> Storage { get; }

    public string AuditFile { get; }

    /// <summary>Everything logged, formatted.</summary>
    public ConcurrentQueue<string> Logs { get; } = new();

    /// <summary>May read and write, as <c>key:alice</c>.</summary>
    public HttpClient Http { get; }

    public IServiceProvider Services => _factory.Services;

    public static async Task<ApiUnderTest> StartAsync(params (string Name, string? Value)[] settings)
    {
        var embedder = new GrpcServer<FakeEmbedder>(new FakeEmbedder());
        var collections = new FakeCollections();
        var storage = new GrpcServer<FakeStorage>(
            new FakeStorage { Collections = collections },
            app => app.MapGrpcService<FakeCollections>(),
            services => services.AddSingleton(collections));
        await embedder.StartAsync();
        await storage.StartAsync();
        return new ApiUnderTest(embedder, storage, settings.ToDictionary(setting => setting.Name, setting => setting.Value));
    }

    public static Caller CallerOf(string subject) => new(subject, s_tokens.Mint(new CallerIdentity(subject, [Permissions.Read, Permissions.Write])));

    public static CallerIdentity? Verify(string? token) => s_tokens.Verify(token);

    public HttpClient Client(params string[] scopes) => ClientOf("key:alice", scopes);

    public HttpClient ClientOf(string subject, params string[] scopes)
    {
        var client = _factory.CreateClient();
        client.DefaultRequestHeaders.Add(InternalToken.Header, s_tokens.Mint(new CallerIdentity(subject, scopes)));
        return client;
    }

    public HttpClient Anonymous() => _factory.CreateClient();

    public async Task<string> LearnAsync(string content, object? metadata = null)
    {
        using var response = await Http.PostAsJsonAsync("/api/learn", new { content, metadata });
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("concept_id").GetString()!;
    }

    public async Task<JsonElement> QueryAsync(string query, int topK = 5)
    {
        using var response = await Http.PostAsJsonAsync("/api/query", new { query, top_k = topK });
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement.Clone();
    }

    /// <summary>Posts a body as it is and expects problem details of that status.</summary>
    public async Task<JsonElement> ProblemAsync(string path, HttpContent body, HttpStatusCode status)
    {
        using var response = await Http.PostAsync(path, body);
        return await ProblemAsync(response, status);
    }

    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(status, response.StatusCode, body);
        Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType?.MediaType, body);
        var problem = JsonDocument.Parse(body).RootElement.Clone();
        Assert.AreEqual((int)status, problem.GetProperty("status").GetInt32());
        Assert.AreEqual(32, problem.GetProperty("traceId").GetString()!.Length);
        StringAssert.StartsWith(problem.GetProperty("type").GetString(), "urn:sutra:problem:");
        Assert.DoesNotContain("   at ", body, "a stack trace");
        return problem;
    }

    public static StringContent Json(string body, string mediaType = "application/json") => new(body, Encoding.UTF8, mediaType);

    public async Task WaitForHealthAsync(HttpStatusCode status, TimeSpan limit)
    {
        using var http = Anonymous();
        var last = "";
        await WaitUntilAsync(
            async () =>
            {
                using var response = await http.GetAsync("/health");
                last = await response.Content.ReadAsStringAsync();
                return response.StatusCode == status;
            },
            limit,
            () => $"/health did not turn {(int)status}: {last}");
    }

    public static async Task WaitUntilAsync(Func<Task<bool>> condition, TimeSpan limit, Func<string> message)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > limit)
            {
                Assert.Fail(message());
            }

            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _factory.DisposeAsync();
        await Embedder.DisposeAsync();
        await Storage.DisposeAsync();
        _folder.Dispose();
    }

    private sealed class Factory(IReadOnlyDictionary<string, string?> settings, ConcurrentQueue<string> logs) : WebApplicationFactory<EmbeddingOptions>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            foreach (var (name, value) in settings)
            {
                builder.UseSetting(name, value);
            }

            builder.ConfigureServices(services => services.AddLogging(logging => logging.ClearProviders().AddProvider(new Collector(logs))));
        }
    }

    private sealed class Collector(ConcurrentQueue<string> logs) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logs.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
