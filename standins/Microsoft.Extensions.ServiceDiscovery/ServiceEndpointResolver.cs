using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Resolves service names to endpoints; results are kept until the configuration reloads.</summary>
public sealed class ServiceEndpointResolver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ServiceEndpointSource> _known = new(StringComparer.Ordinal);
    private readonly IConfiguration _configuration;
    private readonly ServiceDiscoveryOptions _discovery;
    private readonly ConfigurationServiceEndpointProviderOptions? _fromConfiguration;
    private readonly bool _passThrough;
    private bool _disposed;

    internal ServiceEndpointResolver(
        IConfiguration configuration,
        IOptions<ServiceDiscoveryOptions> discovery,
        ConfigurationServiceEndpointProviderOptions? fromConfiguration,
        bool passThrough)
    {
        _configuration = configuration;
        _discovery = discovery.Value;
        _fromConfiguration = fromConfiguration;
        _passThrough = passThrough;
    }

    public ValueTask<ServiceEndpointSource> GetEndpointsAsync(string serviceName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(serviceName);
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (_known.TryGetValue(serviceName, out var known) && !known.ChangeToken.HasChanged)
        {
            return new(known);
        }

        var resolved = Resolve(serviceName);
        _known[serviceName] = resolved;
        return new(resolved);
    }

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        _known.Clear();
        return ValueTask.CompletedTask;
    }

    private ServiceEndpointSource Resolve(string serviceName)
    {
        if (!ServiceEndpointQuery.TryParse(serviceName, out var query))
        {
            throw new ArgumentException("The provided input was not in a valid format. It must be a valid URI.", nameof(serviceName));
        }

        if (_fromConfiguration is null && !_passThrough)
        {
            throw new InvalidOperationException($"No provider which supports the provided service name, '{serviceName}', has been configured.");
        }

        // Before it is read: a reload in between must not be missed.
        IChangeToken changed = _fromConfiguration is null ? new CompositeChangeToken([]) : _configuration.GetReloadToken();
        List<ServiceEndpoint> endpoints = _fromConfiguration is null
            ? []
            : ConfigurationEndpoints.Find(query, _configuration, _fromConfiguration, _discovery);
        if (endpoints.Count == 0 && _passThrough)
        {
            endpoints.Add(ServiceEndpoint.Create(ServiceEndpoint.ToEndPoint(query.ServiceName, query.Port)));
        }

        return new ServiceEndpointSource(endpoints, changed, new FeatureCollection());
    }
}
