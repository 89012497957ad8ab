using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>
    /// Registers an <see cref="IConnectionMultiplexer"/> singleton with health check and traces. It connects when it is resolved,
    /// and keeps trying in the background when the server is not there (<c>abortConnect=false</c>, unless the string says otherwise).
    /// </summary>
    /// <exception cref="InvalidOperationException">When the multiplexer is resolved and no endpoint is configured.</exception>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = new StackExchangeRedisSettings();
        var section = builder.Configuration.GetSection(Section);
        var named = section.GetSection(connectionName);
        section.Bind(settings);
        named.Bind(settings);
        if (builder.Configuration.GetConnectionString(connectionName) is { } connectionString)
        {
            settings.ConnectionString = connectionString;
        }

        configureSettings?.Invoke(settings);

        builder.Services.TryAddSingleton<IConnectionMultiplexer>(_ =>
        {
            var options = Parse(settings.ConnectionString);
            section.GetSection("ConfigurationOptions").Bind(options);
            named.GetSection("ConfigurationOptions").Bind(options);
            configureOptions?.Invoke(options);
            return options.EndPoints.Count > 0
                ? ConnectionMultiplexer.Connect(options)
                : throw new InvalidOperationException(
                    $"No endpoints specified. Ensure a valid connection string was provided in 'ConnectionStrings:{connectionName}' or for the '{Section}:ConnectionString' configuration key.");
        });

        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                "StackExchange.Redis",
                services => new Ping(services.GetRequiredService<IConnectionMultiplexer>),
                failureStatus: null,
                tags: null));
        }

        if (!settings.DisableTracing)
        {
            builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddSource("OpenTelemetry.Instrumentation.StackExchangeRedis"));
        }
    }

    private static ConfigurationOptions Parse(string? connectionString)
    {
        var options = connectionString is null ? new ConfigurationOptions() : ConfigurationOptions.Parse(connectionString);
        if (connectionString?.Contains("abortConnect", StringComparison.OrdinalIgnoreCase) is not true)
        {
            options.AbortOnConnectFail = false;
        }

        return options;
    }

    private sealed class Ping(Func<IConnectionMultiplexer> multiplexer) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await multiplexer().GetDatabase().PingAsync();
                return HealthCheckResult.Healthy();
            }
            catch (Exception e)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
            }
        }
    }
}
