using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>What a service name resolved to, and a token that says when that is no longer so.</summary>
public sealed class ServiceEndpointSource
{
    public ServiceEndpointSource(List<ServiceEndpoint>? endpoints, IChangeToken changeToken, IFeatureCollection features)
    {
        ArgumentNullException.ThrowIfNull(changeToken);
        ArgumentNullException.ThrowIfNull(features);
        Endpoints = endpoints ?? [];
        ChangeToken = changeToken;
        Features = features;
    }

    public IReadOnlyList<ServiceEndpoint> Endpoints { get; }

    public IChangeToken ChangeToken { get; }

    public IFeatureCollection Features { get; }

    public override string ToString() => $"[{string.Join(", ", Endpoints)}]";
}
