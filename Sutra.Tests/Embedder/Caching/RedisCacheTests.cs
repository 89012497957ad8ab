using System.Diagnostics;
using System.Text;
using StackExchange.Redis;
using Sutra.Embedder.Caching;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;
using Sutra.Tests.Api;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Caching;

[TestClass]
[TestCategory("Slow")]
public sealed class RedisCacheTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static RedisServer s_redis = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => s_redis = await RedisServer.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync()
    {
        if (s_redis is not null)
        {
            await s_redis.DisposeAsync();
        }
    }

    [TestMethod]
    public async Task What_one_embedder_made_another_one_finds_and_Redis_holds_no_text_and_no_vector()
    {
        using var redis = await s_redis.ConnectAsync();
        var before = Keys(redis).Count;
        string[] texts = ["xylophone across instances", "a second text that is longer than twenty characters", "third"];
        await using var first = await StartAsync();
        var made = await first.GetAsync(texts);
        await WaitForKeysAsync(redis, before + 3);

        await using var second = await StartAsync();
        var found = await second.GetAsync(texts);
        Assert.IsEmpty(second.Model.Calls);
        Assert.AreEqual(1.0, second.Metrics.HitRatio);
        for (var i = 0; i < texts.Length; i++)
        {
            CollectionAssert.AreEqual(made[i].Values, found[i].Values);
            Assert.AreEqual(made[i].TokenCount, found[i].TokenCount);
            Assert.AreEqual(made[i].Truncated, found[i].Truncated);
        }

        foreach (var key in Keys(redis))
        {
            byte[] all = [.. (byte[])key!, .. (byte[])redis.GetDatabase().StringGet(key)!];
            foreach (var text in texts)
            {
                Assert.AreEqual(-1, all.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)), "text in UTF-8");
                Assert.AreEqual(-1, all.AsSpan().IndexOf(Encoding.Unicode.GetBytes(text)), "text in UTF-16");
                Assert.AreEqual(-1, all.AsSpan().IndexOf(BitConverter.GetBytes(FakeModel.Vector(text)[0])), "the vector in the clear");
            }

            Assert.IsTrue(redis.GetDatabase().KeyTimeToLive(key) > TimeSpan.FromDays(6));
        }

        await using var stranger = await StartAsync(identityKey: "another system's identity key, 0123456789");
        await stranger.GetAsync(texts);
        Assert.HasCount(1, stranger.Model.Calls, "without the secret nothing is found");
    }

    [TestMethod]
    public async Task A_large_batch_half_of_which_is_known_takes_one_look_and_makes_the_other_half()
    {
        using var redis = await s_redis.ConnectAsync();
        var before = Keys(redis).Count;
        string[] texts = [.. Enumerable.Range(0, 2048).Select(i => $"text {i} of the large batch")];
        await using var first = await StartAsync();
        await first.GetAsync([.. texts.Where((_, i) => i % 2 == 0)]);
        await WaitForKeysAsync(redis, before + 1024);

        await using var second = await StartAsync();
        var answers = await second.GetAsync(texts);
        Assert.HasCount(1, second.Model.Calls);
        Assert.HasCount(1024, second.Model.Made);
        for (var i = 0; i < texts.Length; i++)
        {
            CollectionAssert.AreEqual(FakeModel.Vector(texts[i]), answers[i].Values);
        }

        await WaitForKeysAsync(redis, before + 2048);
    }

    [TestMethod]
    public async Task Garbage_and_vectors_of_other_texts_are_ignored_and_replaced()
    {
        using var redis = await s_redis.ConnectAsync();
        var others = Keys(redis).ToHashSet();
        await using (var first = await StartAsync())
        {
            await first.GetAsync("to be corrupted", "to be swapped 1", "to be swapped 2");
            await WaitForKeysAsync(redis, others.Count + 3);
        }

        var database = redis.GetDatabase();
        var mine = Keys(redis).Where(key => !others.Contains(key)).ToList();
        var values = mine.ConvertAll(key => (byte[])database.StringGet(key)!);
        database.StringSet(mine[0], new byte[] { 1, 2, 3 });
        database.StringSet(mine[1], values[2]);
        database.StringSet(mine[2], values[1]);

        await using var second = await StartAsync();
        var answers = await second.GetAsync("to be corrupted", "to be swapped 1", "to be swapped 2");
        Assert.HasCount(3, second.Model.Made);
        CollectionAssert.AreEqual(FakeModel.Vector("to be swapped 1"), answers[1].Values);
        await ApiUnderTest.WaitUntilAsync(
            () => Task.FromResult(((byte[])database.StringGet(mine[0])!).Length == SealedVector.SizeOf(FakeModel.Dimensions)), Limit, () => "not replaced");
    }

    [TestMethod]
    public async Task Redis_is_asked_only_where_the_model_is_slower_than_it()
    {
        await using var cache = await StartAsync(options => options.Shared = SharedUse.Auto);
        Assert.IsFalse(cache.Shared!.IsWorth(TimeSpan.FromMicroseconds(6), 1), "the built-in model");
        Assert.IsFalse(cache.Shared.IsWorth(TimeSpan.FromMicroseconds(6), 2048));
        Assert.IsTrue(cache.Shared.IsWorth(TimeSpan.FromMilliseconds(5), 1), "a transformer on a CPU");
        Assert.IsTrue(cache.Shared.IsWorth(TimeSpan.Zero, 1), "not known yet");

        using var redis = await s_redis.ConnectAsync();
        var before = Keys(redis).Count;
        await cache.GetAsync(["fast"], default, hints: new WorkHints(TimeSpan.FromMicroseconds(6), IsBulk: false));
        await cache.GetAsync(["slow"], default, hints: new WorkHints(TimeSpan.FromMilliseconds(5), IsBulk: false));
        await WaitForKeysAsync(redis, before + 1);

        await using var never = await StartAsync(options => options.Shared = SharedUse.Never);
        await never.GetAsync(["slow"], default, hints: new WorkHints(TimeSpan.FromMilliseconds(5), IsBulk: false));
        Assert.HasCount(1, never.Model.Calls);
        Assert.HasCount(before + 1, Keys(redis));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Without_Redis_it_goes_on_as_fast_says_so_and_finds_it_back(bool frozen)
    {
        await using var cache = await StartAsync();
        var state = new CacheState(cache.Shared);
        await cache.GetAsync($"with Redis {frozen}");
        if (frozen)
        {
            Signal.Send(s_redis.Pid, Signal.Stop);
        }
        else
        {
            await s_redis.StopAsync();
        }

        try
        {
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < 20; i++)
            {
                Assert.IsNotNull((await cache.GetAsync($"without redis {frozen} {i}", $"with Redis {frozen}"))[0].Values);
            }

            Assert.IsLessThan(2, clock.Elapsed.TotalSeconds, "no call waits for a Redis that is away");
            await ApiUnderTest.WaitUntilAsync(
                async () => (await state.CheckHealthAsync(new())).Status == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Degraded,
                Limit,
                () => "nobody noticed");
        }
        finally
        {
            if (frozen)
            {
                Signal.Send(s_redis.Pid, Signal.Continue);
            }
            else
            {
                await s_redis.StartAgainAsync();
            }
        }

        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(cache.Shared!.IsAvailable), Limit, () => "Redis was not found back");
        Assert.AreEqual(Sutra.Contracts.Embedding.V1.CacheLevels.ProcessAndRedis, state.Levels);
        using var redis = await s_redis.ConnectAsync();
        var before = Keys(redis).Count;
        await cache.GetAsync($"shared again {frozen}");
        await WaitForKeysAsync(redis, before + 1);
        Assert.HasCount(1, cache.Logs.Where(line => line.StartsWith("Warning 350", StringComparison.Ordinal)).ToList());
        Assert.HasCount(1, cache.Logs.Where(line => line.StartsWith("Information 351", StringComparison.Ordinal)).ToList());
    }

    [TestMethod]
    public async Task A_Redis_that_nobody_asks_is_missed_all_the_same()
    {
        await using var cache = await StartAsync(options => options.RedisRetryEvery = TimeSpan.FromMilliseconds(50));
        Signal.Send(s_redis.Pid, Signal.Stop);
        try
        {
            await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(!cache.Shared!.IsAvailable), Limit, () => "nobody noticed");
        }
        finally
        {
            Signal.Send(s_redis.Pid, Signal.Continue);
        }

        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(cache.Shared!.IsAvailable), Limit, () => "Redis was not found back");
    }

    [TestMethod]
    public async Task Absent_at_the_start_it_delays_nothing_and_is_found_when_it_comes()
    {
        await s_redis.StopAsync();
        CacheUnderTest cache;
        try
        {
            var clock = Stopwatch.StartNew();
            cache = new CacheUnderTest(s_redis.ConnectionString);
            Assert.AreEqual(TextFailure.None, (await cache.GetAsync("before Redis"))[0].Failure);
            Assert.IsLessThan(2, clock.Elapsed.TotalSeconds);
        }
        finally
        {
            await s_redis.StartAgainAsync();
        }

        await using (cache)
        {
            await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(cache.Shared!.IsAvailable), Limit, () => "Redis was not found");
        }
    }

    private static async Task<CacheUnderTest> StartAsync(Action<CacheOptions>? configure = null, string? identityKey = null)
    {
        var cache = identityKey is null
            ? new CacheUnderTest(s_redis.ConnectionString, configure)
            : new CacheUnderTest(s_redis.ConnectionString, configure, identityKey);
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(cache.Shared!.IsAvailable), Limit, () => "no Redis");
        return cache;
    }

    private static Task WaitForKeysAsync(ConnectionMultiplexer redis, int count) =>
        ApiUnderTest.WaitUntilAsync(() => Task.FromResult(Keys(redis).Count == count), Limit, () => $"{Keys(redis).Count} keys instead of {count}");

    private static List<RedisKey> Keys(ConnectionMultiplexer redis) => [.. redis.GetServer(redis.GetEndPoints()[0]).Keys(pageSize: 5000)];
}
