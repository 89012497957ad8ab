using System.Text.Json;
using Sutra.Embedder.Pipeline;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Caching;

/// <summary>The cache in its place: before real models, and in the embedder's own report.</summary>
[TestClass]
public sealed class CachedEmbedderTests
{
    [TestMethod]
    public async Task Vectors_are_the_same_from_the_cache_and_tokens_and_raw_vectors_go_past_it()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        await using var cache = new CacheUnderTest();
        using var plain = new InProcessEmbedder(folder.Path);
        using var cached = new InProcessEmbedder(folder.Path, cache: cache.Cache);
        string[] texts = ["cat", "the dog runs", "", "cat"];

        var expected = await plain.EmbedAsync(texts);
        for (var round = 0; round < 2; round++)
        {
            var actual = await cached.EmbedAsync(texts);
            for (var i = 0; i < texts.Length; i++)
            {
                CollectionAssert.AreEqual(expected[i].Values.ToArray(), actual[i].Values.ToArray());
                Assert.AreEqual(expected[i].TokenCount, actual[i].TokenCount);
                Assert.AreEqual(expected[i].Failure, actual[i].Failure);
            }
        }

        // The second cat, then all but the empty one, which is not kept.
        Assert.AreEqual(4.0 / 8, cache.Metrics.HitRatio, 1e-9);
        var raw = await cached.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["cat"], Normalise = false });
        var ofTokens = await cached.EmbedTokensAsync([[5]]);
        Assert.IsTrue(raw.Items[0].IsEmbedded && ofTokens[0].IsEmbedded);
        Assert.AreEqual(4.0 / 8, cache.Metrics.HitRatio, 1e-9);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Without_a_Redis_server_the_embedder_is_ready_and_its_report_says_that_it_is_away()
    {
        await using var embedder = await EmbedderProcess.StartAsync(
            null, ("ConnectionStrings__cache", $"127.0.0.1:{FreePort.Next()},connectTimeout=500"));
        using var http = embedder.CreateClient();
        var cache = await CacheAsync(http);
        Assert.AreEqual("Degraded", cache.GetProperty("status").GetString());
        StringAssert.Contains(cache.GetProperty("description").GetString(), "Redis is away");
        StringAssert.Contains(embedder.Process.Output, "Embedding cache: 64 MiB in this process, and Redis");
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Without_a_connection_string_the_cache_is_the_processes_own()
    {
        await using var embedder = await EmbedderProcess.StartAsync();
        using var http = embedder.CreateClient();
        Assert.AreEqual("Healthy", (await CacheAsync(http)).GetProperty("status").GetString());
        StringAssert.Contains(embedder.Process.Output, "in this process only (ConnectionStrings:cache is not set)");
    }

    private static async Task<JsonElement> CacheAsync(HttpClient http) =>
        JsonDocument.Parse(await http.GetStringAsync("/health")).RootElement.GetProperty("components").EnumerateArray()
            .Single(component => component.GetProperty("name").GetString() == "cache");
}
