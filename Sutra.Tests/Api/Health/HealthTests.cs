using System.Net;
using System.Text.Json;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Tests.Api.Health;

[TestClass]
public sealed class HealthTests
{
    private static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(5);

    [TestMethod]
    public async Task Health_asks_storage_and_embedder_in_the_services_own_name()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var http = api.Anonymous();
        var report = JsonDocument.Parse(await http.GetStringAsync("/health")).RootElement;
        Assert.AreEqual("Healthy", report.GetProperty("status").GetString());
        CollectionAssert.IsSubsetOf(
            new[] { "audit", "embedder", "storage" },
            report.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()).ToList());
        Assert.AreEqual("service:api", ApiUnderTest.Verify(api.Storage.Service.Tokens.Single())?.Subject);
    }

    [TestMethod]
    [DataRow("storage")]
    [DataRow("embedder")]
    public async Task A_component_that_stops_turns_health_to_503_within_5_s_and_back_within_5_s_of_its_return(string component)
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.WaitForHealthAsync(HttpStatusCode.OK, FiveSeconds);
        await (component == "storage" ? api.Storage.StopAsync() : api.Embedder.StopAsync());
        await api.WaitForHealthAsync(HttpStatusCode.ServiceUnavailable, FiveSeconds);
        using var http = api.Anonymous();
        var report = JsonDocument.Parse(await (await http.GetAsync("/health")).Content.ReadAsStringAsync()).RootElement;
        Assert.AreEqual(
            component,
            report.GetProperty("components").EnumerateArray().Single(one => one.GetProperty("status").GetString() == "Unhealthy").GetProperty("name").GetString());
        await (component == "storage" ? api.Storage.StartAsync() : api.Embedder.StartAsync());
        await api.WaitForHealthAsync(HttpStatusCode.OK, FiveSeconds);
    }

    [TestMethod]
    [DataRow(CacheLevels.Process, "Healthy", "in the embedder only")]
    [DataRow(CacheLevels.ProcessAndRedis, "Healthy", "in the embedder and Redis")]
    [DataRow(CacheLevels.RedisAway, "Degraded", "Redis is away: in the embedder only")]
    [DataRow(CacheLevels.Unspecified, "Healthy", "in the embedder only")]
    public async Task The_embedders_cache_is_a_component_and_degrades_the_whole_without_Redis(CacheLevels levels, string status, string description)
    {
        await using var api = await ApiUnderTest.StartAsync();
        api.Embedder.Service.Cache = levels;
        using var http = api.Anonymous();
        var report = JsonDocument.Parse(await http.GetStringAsync("/health")).RootElement;
        var cache = report.GetProperty("components").EnumerateArray().Single(component => component.GetProperty("name").GetString() == "cache");
        Assert.AreEqual(status, cache.GetProperty("status").GetString());
        Assert.AreEqual(status, report.GetProperty("status").GetString());
        Assert.AreEqual(description, cache.GetProperty("description").GetString());
    }

    [TestMethod]
    public async Task Jobs_are_a_component_that_says_where_they_are_kept_and_how_many_items_wait()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var http = api.Anonymous();
        var jobs = await JobsAsync();
        Assert.AreEqual("Healthy", jobs.GetProperty("status").GetString());
        Assert.AreEqual("journal: 0 items to learn, 0 groups under way", jobs.GetProperty("description").GetString());
        Assert.IsGreaterThanOrEqualTo(0, jobs.GetProperty("duration_ms").GetDouble());

        // The worker is held up by the embedder, so the item stays to be learned.
        var gate = new TaskCompletionSource();
        api.Embedder.Service.Gate = gate.Task;
        using var created = await api.Http.PostAsync("/api/jobs", ApiUnderTest.Json("""{"content":"waits"}""", "application/x-ndjson"));
        Assert.AreEqual(HttpStatusCode.Accepted, created.StatusCode);
        var last = "";
        await ApiUnderTest.WaitUntilAsync(
            async () => (last = (await JobsAsync()).GetProperty("description").GetString()!) == "journal: 1 items to learn, 1 groups under way", FiveSeconds, () => last);
        gate.SetResult();
        await ApiUnderTest.WaitUntilAsync(
            async () => (last = (await JobsAsync()).GetProperty("description").GetString()!) == "journal: 0 items to learn, 0 groups under way", FiveSeconds, () => last);

        async Task<JsonElement> JobsAsync()
        {
            using var response = await http.GetAsync("/health");
            return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("components").EnumerateArray()
                .Single(component => component.GetProperty("name").GetString() == "jobs");
        }
    }

    [TestMethod]
    public async Task A_storage_that_takes_no_writes_is_unhealthy()
    {
        await using var api = await ApiUnderTest.StartAsync();
        api.Storage.Service.Writable = false;
        await api.WaitForHealthAsync(HttpStatusCode.ServiceUnavailable, FiveSeconds);
    }

    [TestMethod]
    public async Task Concepts_that_the_current_model_cannot_find_are_counted()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.LearnAsync("Learned by the first model.");
        await api.LearnAsync("Learned by the first model, too.");
        using var http = api.Anonymous();
        await ApiUnderTest.WaitUntilAsync(async () => await StorageAsync() == "2 concepts", FiveSeconds, () => "not counted");
        api.Embedder.Service.Model = "fake-model-2";
        await ApiUnderTest.WaitUntilAsync(
            async () => await StorageAsync() == "2 of 2 concepts were embedded by another model and are not searched", FiveSeconds, () => "not said");
        await api.LearnAsync("Learned by the second model.");
        await ApiUnderTest.WaitUntilAsync(
            async () => await StorageAsync() == "2 of 3 concepts were embedded by another model and are not searched", FiveSeconds, () => "not said");

        // Whatever the status: on a busy machine a check may be late, and the next report tells.
        async Task<string?> StorageAsync()
        {
            using var response = await http.GetAsync("/health");
            return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("components").EnumerateArray()
                .Single(component => component.GetProperty("name").GetString() == "storage").GetProperty("description").GetString();
        }
    }
}
