using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Sutra.Api.Embeddings;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Embeddings;

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
    public async Task What_one_instance_embedded_another_one_finds_and_Redis_holds_no_text()
    {
        await using var first = await StartApiAsync();
        await first.QueryAsync("xylophone across instances");
        using var redis = await s_redis.ConnectAsync();
        var server = redis.GetServer(redis.GetEndPoints()[0]);
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(server.Keys().Any()), Limit, () => "nothing in Redis");
        var key = server.Keys().Last();
        Assert.AreEqual((FakeEmbedder.Dimensions * 4) + 1, ((byte[])redis.GetDatabase().StringGet(key)!).Length);
        Assert.IsTrue(redis.GetDatabase().KeyTimeToLive(key) > TimeSpan.FromDays(6));
        Assert.IsFalse(server.Keys().Any(one => one.ToString().Contains("xylophone", StringComparison.Ordinal)));

        await using var second = await StartApiAsync();
        await second.QueryAsync("xylophone across instances");
        Assert.AreEqual(0, second.Embedder.Service.Calls);
        Assert.AreEqual(1.0, second.Services.GetRequiredService<CacheMetrics>().HitRatio);
    }

    [TestMethod]
    public async Task A_value_that_is_no_vector_is_ignored_and_replaced()
    {
        using var redis = await s_redis.ConnectAsync();
        await using (var first = await StartApiAsync())
        {
            await first.QueryAsync("to be corrupted");
            await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(Keys(redis).Any()), Limit, () => "nothing in Redis");
        }

        foreach (var key in Keys(redis))
        {
            redis.GetDatabase().StringSet(key, new byte[] { 1, 2, 3 });
        }

        await using var second = await StartApiAsync();
        await second.QueryAsync("to be corrupted");
        Assert.AreEqual(1, second.Embedder.Service.Calls);
        await ApiUnderTest.WaitUntilAsync(
            () => Task.FromResult(Keys(redis).Any(key => ((byte[])redis.GetDatabase().StringGet(key)!).Length == (FakeEmbedder.Dimensions * 4) + 1)),
            Limit,
            () => "not replaced");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Without_Redis_learning_and_asking_go_on_as_fast_and_it_is_found_back(bool frozen)
    {
        await using var api = await StartApiAsync();
        await api.LearnAsync("With Redis.");
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
            await api.LearnAsync($"Without Redis, frozen {frozen}, first.");
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < 20; i++)
            {
                await api.QueryAsync($"without redis {frozen} question {i}");
            }

            Assert.IsLessThan(4, clock.Elapsed.TotalSeconds, "no request waits for a Redis that is away");
            await api.WaitForHealthAsync(HttpStatusCode.OK, Limit);
            using var http = api.Anonymous();
            StringAssert.Contains(await http.GetStringAsync("/health"), "Degraded");
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

        var shared = api.Services.GetRequiredService<SharedVectors>();
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(shared.IsAvailable), Limit, () => "Redis was not found back");
        await api.QueryAsync($"shared again {frozen}");
        using var redis = await s_redis.ConnectAsync();
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(Keys(redis).Any()), Limit, () => "nothing in Redis");
        Assert.HasCount(1, api.Logs.Where(line => line.StartsWith("Warning 2201", StringComparison.Ordinal)).ToList());
        Assert.HasCount(1, api.Logs.Where(line => line.StartsWith("Information 2202", StringComparison.Ordinal)).ToList());
    }

    [TestMethod]
    public async Task Absent_at_the_start_it_delays_nothing_and_is_found_when_it_comes()
    {
        await s_redis.StopAsync();
        ApiUnderTest? api = null;
        try
        {
            var clock = Stopwatch.StartNew();
            api = await StartApiAsync(waitForRedis: false);
            await api.LearnAsync("Before Redis.");
            Assert.IsLessThan(10, clock.Elapsed.TotalSeconds);
        }
        finally
        {
            await s_redis.StartAgainAsync();
        }

        await using (api)
        {
            var shared = api.Services.GetRequiredService<SharedVectors>();
            await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(shared.IsAvailable), Limit, () => "Redis was not found");
        }
    }

    private static async Task<ApiUnderTest> StartApiAsync(bool waitForRedis = true)
    {
        var api = await ApiUnderTest.StartAsync(("ConnectionStrings:cache", s_redis.ConnectionString));
        var shared = api.Services.GetRequiredService<SharedVectors>();
        if (waitForRedis)
        {
            await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(shared.IsAvailable), Limit, () => "no Redis");
        }

        return api;
    }

    private static List<RedisKey> Keys(ConnectionMultiplexer redis) => [.. redis.GetServer(redis.GetEndPoints()[0]).Keys()];
}
