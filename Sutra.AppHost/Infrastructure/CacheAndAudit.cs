using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sutra.AppHost.Infrastructure;

/// <summary>Redis for the cache and PostgreSQL for the audit trail: containers where they can be, else this machine's own, else embedded.</summary>
internal static class CacheAndAudit
{
    private const string CachePassword = "cache-password";
    private const string AuditPassword = "audit-password";

    /// <exception cref="DistributedApplicationException">What was asked for explicitly is not there.</exception>
    public static (OptionalPart Cache, OptionalPart Audit) AddCacheAndAudit(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            return (RedisContainer(builder, settings), PostgresContainer(builder, settings));
        }

        var choice = InfrastructureChoice.Make(settings.Infrastructure);
        choice.Announce(settings.InfrastructureFile);
        return (
            choice.Cache switch
            {
                PartKind.Container => RedisContainer(builder, settings),
                PartKind.Local => LocalRedis(builder, settings),
                _ => OptionalPart.Embedded,
            },
            choice.Audit switch
            {
                PartKind.Container => PostgresContainer(builder, settings),
                PartKind.Local => LocalPostgres(builder, settings),
                _ => OptionalPart.Embedded,
            });
    }

    private static OptionalPart RedisContainer(IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        var redis = builder.AddRedis("cache", password: Password(builder, CachePassword)).WithDataVolume(Volume(builder, settings, "sutra-cache"));
        return new OptionalPart(redis, redis);
    }

    private static OptionalPart PostgresContainer(IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        var database = builder.AddPostgres("postgres", password: Password(builder, AuditPassword)).WithDataVolume(Volume(builder, settings, "sutra-audit")).AddDatabase("audit");
        return new OptionalPart(database, database);
    }

    private static OptionalPart LocalRedis(IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        var password = Password(builder, CachePassword);
        var server = Script(builder, settings, "redis").WithEnvironment("REDIS_PASSWORD", password);
        var endpoint = server.GetEndpoint("tcp");
        var check = new RedisPing(endpoint, password.Resource);
        return new OptionalPart(
            builder.AddConnectionString("cache", ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.HostAndPort)},password={password}")),
            WithCheck(server, "redis_ping", check));
    }

    private static OptionalPart LocalPostgres(IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        var password = Password(builder, AuditPassword);
        var server = Script(builder, settings, "postgres").WithEnvironment("POSTGRES_PASSWORD", password);
        var endpoint = server.GetEndpoint("tcp");
        var host = endpoint.Property(EndpointProperty.Host);
        var port = endpoint.Property(EndpointProperty.Port);
        return new OptionalPart(
            builder.AddConnectionString("audit", ReferenceExpression.Create($"Host={host};Port={port};Username=postgres;Password={password};Database=audit")),
            WithCheck(server, "postgres_greeting", new PostgresGreeting(endpoint)));
    }

    /// <summary>eng/infra/NAME.sh runs the server in the foreground: its folder and its port are its arguments.</summary>
    private static IResourceBuilder<ExecutableResource> Script(IDistributedApplicationBuilder builder, AppHostSettings settings, string name)
    {
        var script = Path.Combine(settings.RepositoryRoot, "eng", "infra", $"{name}.sh");
        var server = builder.AddExecutable(name, "bash", settings.RepositoryRoot, script, settings.Data(name)).WithEndpoint(name: "tcp");
        return server.WithArgs(server.GetEndpoint("tcp").Property(EndpointProperty.TargetPort));
    }

    private static IResourceBuilder<ExecutableResource> WithCheck(IResourceBuilder<ExecutableResource> server, string key, IHealthCheck check)
    {
        server.ApplicationBuilder.Services.AddHealthChecks().AddCheck(key, check);
        return server.WithHealthCheck(key);
    }

    // Volumes are the machine's: two checkouts must not open one database.
    private static string Volume(IDistributedApplicationBuilder builder, AppHostSettings settings, string name) =>
        builder.ExecutionContext.IsPublishMode
            ? name
            : $"{name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings.DataPath)))[..12]}";

    private static IResourceBuilder<ParameterResource> Password(IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true, persist: true);
}
