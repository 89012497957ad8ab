using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServiceDiscoveryServiceCollectionExtensions
{
    /// <summary>Adds discovery with its two usual sources: configuration, then the name itself (DNS).</summary>
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services) =>
        services.AddServiceDiscovery(_ => { });

    /// <inheritdoc cref="AddServiceDiscovery(IServiceCollection)"/>
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services, Action<ServiceDiscoveryOptions> configureOptions) =>
        services.AddServiceDiscoveryCore(configureOptions)
            .AddConfigurationServiceEndpointProvider()
            .AddPassThroughServiceEndpointProvider();

    /// <summary>Adds discovery without any source.</summary>
    public static IServiceCollection AddServiceDiscoveryCore(this IServiceCollection services) =>
        services.AddServiceDiscoveryCore(_ => { });

    /// <inheritdoc cref="AddServiceDiscoveryCore(IServiceCollection)"/>
    public static IServiceCollection AddServiceDiscoveryCore(this IServiceCollection services, Action<ServiceDiscoveryOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configureOptions);
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ServiceEndpointResolver(
            provider.GetService<IConfiguration>() ?? new ConfigurationBuilder().Build(),
            provider.GetRequiredService<IOptions<ServiceDiscoveryOptions>>(),
            provider.GetService<FromConfiguration>() is null
                ? null
                : provider.GetRequiredService<IOptions<ConfigurationServiceEndpointProviderOptions>>().Value,
            provider.GetService<PassThrough>() is not null));
        services.Configure(configureOptions);
        return services;
    }

    public static IServiceCollection AddConfigurationServiceEndpointProvider(this IServiceCollection services) =>
        services.AddConfigurationServiceEndpointProvider(_ => { });

    public static IServiceCollection AddConfigurationServiceEndpointProvider(
        this IServiceCollection services,
        Action<ConfigurationServiceEndpointProviderOptions> configureOptions)
    {
        services.AddServiceDiscoveryCore();
        services.TryAddSingleton<FromConfiguration>();
        services.Configure(configureOptions);
        return services;
    }

    /// <summary>A name that nothing else resolves is used as it is.</summary>
    public static IServiceCollection AddPassThroughServiceEndpointProvider(this IServiceCollection services)
    {
        services.AddServiceDiscoveryCore();
        services.TryAddSingleton<PassThrough>();
        return services;
    }

    private sealed class FromConfiguration;

    private sealed class PassThrough;
}
