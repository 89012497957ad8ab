using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static class RedisBuilderExtensions
{
    /// <param name="password">Default: a generated one, <c>name-password</c>.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var redis = new RedisResource(name, secret);
        var key = $"{name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key, _ => new RedisHealthCheck(redis), failureStatus: null, tags: null));
        return builder.AddResource(redis)
            .WithEndpoint(port: port, targetPort: 6379, scheme: "redis", name: RedisResource.PrimaryEndpointName)
            .WithImage("library/redis", "8.6")
            .WithImageRegistry("docker.io")
            .WithHealthCheck(key)
            .WithEntrypoint("/bin/sh")
            .WithEnvironment(context =>
            {
                if (redis.PasswordParameter is { } value)
                {
                    context.EnvironmentVariables["REDIS_PASSWORD"] = value;
                }
            })
            .WithArgs(context =>
            {
                context.Args.Add("-c");
                context.Args.Add(CommandLine(redis));
            });
    }

    /// <summary>A named volume for /data; implies <see cref="WithPersistence"/> unless read-only.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        builder.WithVolume(name ?? $"{builder.Resource.Name}-data", "/data", isReadOnly);
        return isReadOnly ? builder : builder.WithPersistence();
    }

    /// <param name="interval">Default: one minute.</param>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1) => builder.WithAnnotation(
            new PersistenceAnnotation(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);

    private static string CommandLine(RedisResource redis)
    {
        var command = redis.PasswordParameter is null ? "redis-server" : "redis-server --requirepass $REDIS_PASSWORD";
        return redis.Annotations.OfType<PersistenceAnnotation>().LastOrDefault() is { } persistence
            ? string.Create(CultureInfo.InvariantCulture, $"{command} --save {persistence.Interval.TotalSeconds} {persistence.KeysChangedThreshold}")
            : command;
    }
}

internal sealed record PersistenceAnnotation(TimeSpan Interval, long KeysChangedThreshold) : IResourceAnnotation;
