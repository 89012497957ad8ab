using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One named port of a resource.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private string? _transport;
    private bool? _isProxied;

    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? ProtocolName;
        _transport = transport;
        Name = name ?? UriScheme;
        ResourceNames.Validate(Name, "endpoint");
        Port = port;
        TargetPort = targetPort;
        IsExternal = isExternal ?? false;
        _isProxied = isProxied;
    }

    public ProtocolType Protocol { get; set; }

    /// <summary>Public port; null: any free one.</summary>
    public int? Port { get; set; }

    /// <summary>Port that the process itself listens on; null: any free one.</summary>
    public int? TargetPort { get; set; }

    public string UriScheme { get; set; }

    public string TargetHost { get; set; } = "localhost";

    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : ProtocolName);
        set => _transport = value;
    }

    public string Name { get; set; }

    public bool IsExternal { get; set; }

    public bool IsProxied
    {
        get => _isProxied ?? true;
        set => _isProxied = value;
    }

    public bool? IsExplicitlyProxied
    {
        get => _isProxied;
        set => _isProxied = value;
    }

    public bool TlsEnabled { get; set; }

    public bool ExcludeReferenceEndpoint { get; set; }

    public AllocatedEndpoint? AllocatedEndpoint { get; set; }

    internal string ProtocolName => Protocol == ProtocolType.Udp ? "udp" : "tcp";

    /// <summary>Ports of the replicas behind the proxy, in order; empty: no proxy, the process itself has the public port.</summary>
    internal IReadOnlyList<int> ReplicaPorts { get; set; } = [];

    /// <summary>The https endpoint that publishing invents for web projects: no process serves it.</summary>
    internal bool IsInvented { get; set; }
}

/// <summary>Where an endpoint can be reached in this run.</summary>
public class AllocatedEndpoint
{
    internal AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port)
    {
        Endpoint = endpoint;
        Address = address;
        Port = port;
    }

    public EndpointAnnotation Endpoint { get; }

    public string Address { get; }

    public int Port { get; }

    public string UriScheme => Endpoint.UriScheme;

    public string EndPointString => $"{Address}:{Port}";

    public string UriString => $"{UriScheme}://{EndPointString}";

    public override string ToString() => UriString;
}
