using System.Net;
using System.Text;
using System.Text.Json;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Ingestion;

/// <summary>An API whose uploads and journal outlive it, and what tests do with jobs.</summary>
internal sealed class IngestionHarness : IAsyncDisposable
{
    public const string WebhookSecret = "webhook-secret-of-the-tests-0123456789";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly (string, string?)[] _settings;

    private IngestionHarness((string, string?)[] settings) => _settings = settings;

    public ApiUnderTest Api { get; private set; } = null!;

    public string Spool => _folder.File("ingest");

    public string Folder => _folder.Path;

    public static async Task<IngestionHarness> StartAsync(params (string, string?)[] settings)
    {
        var harness = new IngestionHarness(settings);
        harness.Api = await harness.StartApiAsync();
        return harness;
    }

    /// <summary>Another API on the same folder; its embedder and storage are new ones.</summary>
    public Task<ApiUnderTest> StartApiAsync() => ApiUnderTest.StartAsync(
    [
        ("Ingestion:SpoolPath", Spool),
        ("Ingestion:PollEvery", "00:00:00.020"),
        ("Ingestion:RetryDelay", "00:00:00.020"),
        ("Ingestion:WebhookDelay", "00:00:00.020"),
        ("Ingestion:MaxWait", "00:00:00.300"),
        ("Ingestion:Lease", "00:00:02"),
        ("Ingestion:WebhookSecret", WebhookSecret),
        .. _settings,
    ]);

    public async Task RestartAsync()
    {
        await Api.DisposeAsync();
        Api = await StartApiAsync();
    }

    public static string Lines(IEnumerable<object> items) => string.Concat(items.Select(item => JsonSerializer.Serialize(item) + "\n"));

    public static string Lines(int count, string word = "number") => Lines(Enumerable.Range(1, count).Select(i => new { content = $"A concept of {word} {i}.", metadata = new { n = $"{i}" } }));

    public static StringContent Body(string text, string mediaType = "application/x-ndjson") => new(text, Encoding.UTF8, mediaType);

    public async Task<string> UploadAsync(string text, string mediaType = "application/x-ndjson", string query = "")
    {
        using var response = await Api.Http.PostAsync($"/api/jobs{query}", Body(text, mediaType));
        return await AcceptedAsync(response);
    }

    public static async Task<string> AcceptedAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.Accepted, response.StatusCode, body);
        var id = JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()!;
        Assert.AreEqual($"/api/jobs/{id}", response.Headers.Location?.ToString());
        return id;
    }

    public Task<JsonElement> JobAsync(string id) => JsonAsync($"/api/jobs/{id}");

    public async Task<JsonElement> JsonAsync(string path)
    {
        using var response = await Api.Http.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement.Clone();
    }

    public async Task<JsonElement> PostAsync(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await Api.Http.PostAsync(path, content: null);
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(status, response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement.Clone();
    }

    public Task<JsonElement> EndedAsync(string id) => WaitAsync(id, job => job.GetProperty("finished_at").ValueKind != JsonValueKind.Null);

    public async Task<JsonElement> WaitAsync(string id, Func<JsonElement, bool> condition)
    {
        JsonElement job = default;
        await ApiUnderTest.WaitUntilAsync(
            async () => condition(job = await JobAsync(id)), s_limit, () => $"{job}\n{string.Join('\n', Api.Logs.Where(line => line.Contains(" 22", StringComparison.Ordinal)))}");
        return job;
    }

    public static (string State, long Learned, long Failed, long Dead) Counts(JsonElement job) => (
        job.GetProperty("state").GetString()!,
        job.GetProperty("learned").GetInt64(),
        job.GetProperty("failed").GetInt64(),
        job.GetProperty("dead").GetInt64());

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        _folder.Dispose();
    }
}
