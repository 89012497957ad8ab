using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Sutra.Gateway.Routing;

// Until service discovery is there.
internal sealed class ConfiguredDestinations(IConfiguration configuration) : IDestinationResolver
{
    public ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken) =>
        new(new ResolvedDestinationCollection(
            destinations.ToDictionary(
                pair => pair.Key,
                pair => pair.Value with { Address = configuration[$"services:{new Uri(pair.Value.Address).Host}:http:0"] ?? pair.Value.Address },
                StringComparer.Ordinal),
            null));
}

internal static class ConfiguredDestinationsExtensions
{
    public static IReverseProxyBuilder AddServiceDiscoveryDestinationResolver(this IReverseProxyBuilder builder)
    {
        builder.Services.AddSingleton<IDestinationResolver, ConfiguredDestinations>();
        return builder;
    }
}
