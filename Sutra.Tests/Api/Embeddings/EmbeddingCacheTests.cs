using Sutra.Api.Embeddings;

namespace Sutra.Tests.Api.Embeddings;

[TestClass]
public sealed class EmbeddingCacheTests
{
    [TestMethod]
    public void The_least_recently_used_vectors_go_first_and_the_bound_holds()
    {
        var cache = new VectorLru(3 * (256 + (4 * 8)));
        foreach (var key in new[] { "a", "b", "c" })
        {
            cache.Set(key, new CachedVector(new float[8], Truncated: false));
        }

        Assert.IsNotNull(cache.Get("a"));
        cache.Set("d", new CachedVector(new float[8], Truncated: false));
        Assert.IsNull(cache.Get("b"));
        Assert.IsNotNull(cache.Get("a"));
        cache.Set("a", new CachedVector(new float[8], Truncated: false));
        cache.Set("huge", new CachedVector(new float[10_000], Truncated: false));
        Assert.IsNull(cache.Get("huge"));
        Assert.AreEqual(3 * (256 + 32), cache.Bytes);
    }

    [TestMethod]
    public void Vectors_survive_their_encoding_and_what_is_none_is_ignored()
    {
        var vector = FakeEmbedder.Vector("some words of a text");
        foreach (var truncated in new[] { false, true })
        {
            var read = SharedVectors.Decode(SharedVectors.Encode(new CachedVector(vector, truncated)), vector.Length)!;
            CollectionAssert.AreEqual(vector, read.Vector);
            Assert.AreEqual(truncated, read.Truncated);
        }

        var bytes = SharedVectors.Encode(new CachedVector(vector, Truncated: false));
        Assert.IsNull(SharedVectors.Decode(bytes, vector.Length + 1));
        Assert.IsNull(SharedVectors.Decode(bytes[..^1], vector.Length));
        Assert.IsNull(SharedVectors.Decode([.. bytes[..^1], 2], vector.Length));
        Assert.IsNull(SharedVectors.Decode([], vector.Length));
        Assert.IsNull(SharedVectors.Decode(new byte[bytes.Length], vector.Length));
        Assert.IsNull(SharedVectors.Decode([.. Enumerable.Repeat((byte)0xFF, bytes.Length)], vector.Length));
    }

    [TestMethod]
    public async Task The_same_text_is_embedded_once_however_often_and_however_many_ask()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.QueryAsync("first of all");
        var gate = new TaskCompletionSource();
        api.Embedder.Service.Gate = gate.Task;
        var asked = Enumerable.Range(0, 20).Select(_ => api.QueryAsync("asked by many at once")).ToList();
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(api.Embedder.Service.Calls == 2), TimeSpan.FromSeconds(10), () => "no call");
        await Task.Delay(200);
        gate.SetResult();
        await Task.WhenAll(asked);
        await api.QueryAsync("asked by many at once");
        Assert.AreEqual(2, api.Embedder.Service.Calls);
    }

    [TestMethod]
    public async Task Who_gives_up_does_not_take_the_embedding_from_the_others()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var gate = new TaskCompletionSource();
        api.Embedder.Service.Gate = gate.Task;
        using var impatient = new CancellationTokenSource();
        var first = api.Http.PostAsync("/api/query", ApiUnderTest.Json("""{"query":"shared work"}"""), impatient.Token);
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(api.Embedder.Service.Calls == 1), TimeSpan.FromSeconds(10), () => "no call");
        var second = api.QueryAsync("shared work");
        await Task.Delay(200);
        await impatient.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        await second;
        Assert.AreEqual(1, api.Embedder.Service.Calls);
    }

    [TestMethod]
    public async Task A_failed_embedding_is_not_remembered()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.QueryAsync("model is known");
        await api.Embedder.StopAsync();
        await api.ProblemAsync("/api/query", ApiUnderTest.Json("""{"query":"not now"}"""), System.Net.HttpStatusCode.ServiceUnavailable);
        await api.QueryAsync("model is known");
        await api.Embedder.StartAsync();
        await api.QueryAsync("not now");
    }
}
