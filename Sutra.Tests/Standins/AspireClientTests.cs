using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StackExchange.Redis;

namespace Sutra.Tests.Standins;

/// <summary>What the real Aspire client integrations promise, on whichever of the two was built against.</summary>
[TestClass]
public sealed class AspireClientTests
{
    [TestMethod]
    public void A_missing_connection_string_fails_when_it_is_needed_not_when_it_is_registered()
    {
        using var host = Build(builder =>
        {
            builder.AddNpgsqlDataSource("audit");
            builder.AddRedisClient("cache");
        });
        var database = Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<NpgsqlDataSource>());
        StringAssert.Contains(database.Message, "ConnectionStrings:audit");
        var redis = Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<IConnectionMultiplexer>());
        StringAssert.Contains(redis.Message, "ConnectionStrings:cache");
    }

    [TestMethod]
    public void Settings_come_from_the_section_then_the_name_then_the_connection_string_then_code()
    {
        using var host = Build(
            builder =>
            {
                string? seen = null;
                builder.AddNpgsqlDataSource("audit", settings => seen = settings.ConnectionString, source => source.ConnectionStringBuilder.ApplicationName = "code");
                Assert.AreEqual("Host=by-connection-string", seen);
                builder.AddNpgsqlDataSource("other", settings => seen = settings.ConnectionString);
                Assert.AreEqual("Host=by-name", seen);
                builder.AddNpgsqlDataSource("third", settings => seen = settings.ConnectionString);
                Assert.AreEqual("Host=by-section", seen);
            },
            ("Aspire:Npgsql:ConnectionString", "Host=by-section"),
            ("Aspire:Npgsql:other:ConnectionString", "Host=by-name"),
            ("ConnectionStrings:audit", "Host=by-connection-string"));
        var used = new NpgsqlConnectionStringBuilder(host.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
        Assert.AreEqual(("by-connection-string", "code"), (used.Host, used.ApplicationName));
    }

    [TestMethod]
    public void Health_checks_are_there_unless_they_are_switched_off()
    {
        using var host = Build(builder =>
        {
            builder.AddNpgsqlDataSource("audit");
            builder.AddRedisClient("cache");
        });
        CollectionAssert.AreEquivalent(new[] { "PostgreSql", "StackExchange.Redis" }, Checks(host));

        using var without = Build(
            builder =>
            {
                builder.AddNpgsqlDataSource("audit", settings => settings.DisableTracing = settings.DisableMetrics = true);
                builder.AddRedisClient("cache", settings => settings.DisableHealthChecks = true);
            },
            ("Aspire:Npgsql:DisableHealthChecks", "true"));
        Assert.IsEmpty(Checks(without));
    }

    [TestMethod]
    [DataRow("localhost:1,connectTimeout=200,connectRetry=1", false, false)]
    [DataRow("localhost:1,connectTimeout=200,connectRetry=1,ssl=true,password=p", true, false)]
    [DataRow("localhost:1,connectTimeout=200,connectRetry=1,abortConnect=true", false, true)]
    public void A_Redis_that_is_away_is_retried_in_the_background_unless_the_string_says_otherwise(string connectionString, bool ssl, bool aborts)
    {
        ConfigurationOptions? used = null;
        using var host = Build(builder => builder.AddRedisClient("cache", configureOptions: options => used = options), ("ConnectionStrings:cache", connectionString));
        if (aborts)
        {
            Assert.Throws<RedisConnectionException>(() => host.Services.GetRequiredService<IConnectionMultiplexer>());
        }
        else
        {
            Assert.IsFalse(host.Services.GetRequiredService<IConnectionMultiplexer>().IsConnected);
        }

        Assert.AreEqual(ssl, used!.Ssl);
        Assert.AreEqual(aborts, used.AbortOnConnectFail);
    }

    private static string[] Checks(IHost host) =>
        [.. host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(check => check.Name)];

    private static IHost Build(Action<IHostApplicationBuilder> configure, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Services.AddHealthChecks();
        configure(builder);
        return builder.Build();
    }
}
