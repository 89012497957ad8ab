using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Sends each request to the next of its service's endpoints, in turn.</summary>
internal sealed class ResolvingHandler(ServiceEndpointResolver resolver, IOptions<ServiceDiscoveryOptions> options) : DelegatingHandler
{
    private readonly ConcurrentDictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { } asked)
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var service = asked.GetLeftPart(UriPartial.Authority);
        var endpoints = (await resolver.GetEndpointsAsync(service, cancellationToken).ConfigureAwait(false)).Endpoints;
        if (endpoints.Count == 0)
        {
            throw new InvalidOperationException("The endpoint collection contains no endpoints");
        }

        request.RequestUri = Address(asked, _turns.GetOrAdd(service, _ => new Turn()).Next(endpoints).EndPoint);
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // A retry outside of this handler resolves again.
            request.RequestUri = asked;
        }
    }

    private Uri Address(Uri asked, EndPoint endpoint)
    {
        var address = new UriBuilder(asked);
        switch (endpoint)
        {
            case UriEndPoint { Uri: var uri }:
                address.Scheme = uri.Scheme;
                address.Host = uri.Host;
                address.Port = uri.Port > 0 ? uri.Port : address.Port;
                address.Path = uri.AbsolutePath.Length > 1 ? $"{uri.AbsolutePath.TrimEnd('/')}/{asked.AbsolutePath.TrimStart('/')}" : address.Path;
                return address.Uri;
            case IPEndPoint ip:
                address.Host = ip.Address.ToString();
                address.Port = ip.Port > 0 ? ip.Port : address.Port;
                break;
            case DnsEndPoint dns:
                address.Host = dns.Host;
                address.Port = dns.Port > 0 ? dns.Port : address.Port;
                break;
            default:
                throw new InvalidOperationException($"Endpoints of type {endpoint.GetType()} are not supported");
        }

        if (asked.Scheme.Contains('+'))
        {
            var scheme = asked.Scheme.Split('+')[0];
            address.Scheme = options.Value.AllowAllSchemes || options.Value.AllowedSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase)
                ? scheme
                : throw new InvalidOperationException($"The scheme '{scheme}' is not allowed.");
        }

        return address.Uri;
    }

    private sealed class Turn
    {
        private uint _next;

        public ServiceEndpoint Next(IReadOnlyList<ServiceEndpoint> endpoints) =>
            endpoints[(int)(Interlocked.Increment(ref _next) % (uint)endpoints.Count)];
    }
}
