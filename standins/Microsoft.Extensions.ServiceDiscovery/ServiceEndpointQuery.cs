using System.Diagnostics.CodeAnalysis;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>A service's name taken apart: <c>https+http://_endpoint.service</c>.</summary>
public sealed class ServiceEndpointQuery
{
    private readonly string _original;

    private ServiceEndpointQuery(string original, string[] schemes, string serviceName, string? endpointName, int port)
    {
        _original = original;
        IncludedSchemes = schemes;
        ServiceName = serviceName;
        EndpointName = endpointName;
        Port = port;
    }

    /// <summary>Schemes in order of preference; empty when the name has none.</summary>
    public IReadOnlyList<string> IncludedSchemes { get; }

    public string? EndpointName { get; }

    public string ServiceName { get; }

    // The real type keeps it in the original string.
    internal int Port { get; }

    public static bool TryParse(string input, [NotNullWhen(true)] out ServiceEndpointQuery? query)
    {
        ArgumentException.ThrowIfNullOrEmpty(input);
        query = null;
        var hasScheme = input.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? input : $"host://{input}", UriKind.Absolute, out var uri))
        {
            return false;
        }

        var host = uri.Host;
        string? endpoint = null;
        var dot = host.IndexOf('.');
        if (host.StartsWith('_') && dot > 1 && !host.EndsWith('.'))
        {
            endpoint = host[1..dot];
            host = host[(dot + 1)..];
        }

        query = new ServiceEndpointQuery(input, hasScheme ? uri.Scheme.Split('+') : [], host, endpoint, uri.Port);
        return true;
    }

    public override string ToString() => _original;
}
