using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http.Features;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>An address at which a service can be reached.</summary>
public abstract class ServiceEndpoint
{
    public abstract EndPoint EndPoint { get; }

    public abstract IFeatureCollection Features { get; }

    public static ServiceEndpoint Create(EndPoint endPoint, IFeatureCollection? features = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return new Simple(endPoint, features ?? new FeatureCollection());
    }

    /// <summary>Reads a URI, or a host or IP address with or without a port.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out ServiceEndpoint? serviceEndpoint)
    {
        serviceEndpoint = null;
        if (string.IsNullOrWhiteSpace(value))
        {
            return false;
        }

        if (value.Contains("://", StringComparison.Ordinal))
        {
            if (Uri.TryCreate(value, UriKind.Absolute, out var uri))
            {
                serviceEndpoint = Create(new UriEndPoint(uri));
            }
        }
        else if (Uri.TryCreate($"host://{value}", UriKind.Absolute, out var uri))
        {
            serviceEndpoint = Create(ToEndPoint(uri.Host, uri.Port));
        }

        return serviceEndpoint is not null;
    }

    internal static EndPoint ToEndPoint(string host, int port) =>
        IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, Math.Max(port, 0)) : new DnsEndPoint(host, Math.Max(port, 0));

    private sealed class Simple(EndPoint endPoint, IFeatureCollection features) : ServiceEndpoint
    {
        public override EndPoint EndPoint => endPoint;

        public override IFeatureCollection Features => features;

        public override string ToString() => endPoint switch
        {
            IPEndPoint { Port: 0, AddressFamily: AddressFamily.InterNetworkV6 } ip => $"[{ip.Address}]",
            IPEndPoint { Port: 0 } ip => ip.Address.ToString(),
            DnsEndPoint { Port: 0 } dns => dns.Host,
            DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
            _ => endPoint.ToString()!,
        };
    }
}

/// <summary>An endpoint that has a scheme, and perhaps a path, besides its host and port.</summary>
public class UriEndPoint(Uri uri) : EndPoint
{
    public Uri Uri { get; } = uri ?? throw new ArgumentNullException(nameof(uri));

    public override bool Equals(object? obj) => obj is UriEndPoint other && Uri.Equals(other.Uri);

    public override int GetHashCode() => Uri.GetHashCode();

    public override string ToString() => Uri.ToString();
}
