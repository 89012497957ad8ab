using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Microsoft.Extensions.ServiceDiscovery.Yarp;

internal sealed class ServiceDiscoveryDestinationResolver(ServiceEndpointResolver resolver, IOptions<ServiceDiscoveryOptions> options) : IDestinationResolver
{
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations,
        CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>();
        var changes = new List<IChangeToken>();
        foreach (var (name, destination) in destinations)
        {
            var address = new Uri(destination.Address);
            var source = await resolver.GetEndpointsAsync(address.GetLeftPart(UriPartial.Authority), cancellationToken).ConfigureAwait(false);
            changes.Add(source.ChangeToken);
            foreach (var endpoint in source.Endpoints)
            {
                var at = endpoint.ToString()!;
                var uri = new Uri(at.Contains("://", StringComparison.Ordinal) ? at : $"{DefaultScheme(address)}://{at}");
                resolved[$"{name}[{at}]"] = destination with
                {
                    Host = string.IsNullOrEmpty(destination.Host) ? null : destination.Host,
                    Address = new UriBuilder(address) { Scheme = uri.Scheme, Host = uri.Host, Port = uri.Port }.Uri.ToString(),
                    Health = string.IsNullOrEmpty(destination.Health)
                        ? destination.Health
                        : new UriBuilder(destination.Health) { Host = uri.Host, Port = uri.Port }.Uri.ToString(),
                };
            }
        }

        return new ResolvedDestinationCollection(resolved, new CompositeChangeToken(changes));
    }

    private string DefaultScheme(Uri address)
    {
        var schemes = address.Scheme.Split('+');
        return schemes.Length == 1
            ? schemes[0]
            : schemes.FirstOrDefault(scheme => options.Value.AllowAllSchemes || options.Value.AllowedSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase))
                ?? throw new InvalidOperationException($"None of the specified schemes ('{string.Join(", ", schemes)}') are allowed by configuration.");
    }
}
