using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Gives every endpoint its public port before anything is started, and every replica behind a proxy its own.</summary>
internal sealed class PortAllocator
{
    // The real package's range for endpoints without a proxy: below the ports that the system lends to outgoing connections.
    private const int First = 10000;
    private const int Last = 32767;

    private readonly HashSet<int> _given = [];
    private int _next = Random.Shared.Next(First, Last + 1);

    /// <exception cref="DistributedApplicationException">A port that was asked for is taken.</exception>
    public void Allocate(IEnumerable<IResourceWithEndpoints> resources)
    {
        var endpoints = resources.SelectMany(r => r.Annotations.OfType<EndpointAnnotation>().Select(e => (Resource: r, Endpoint: e))).ToArray();
        foreach (var (resource, endpoint) in endpoints)
        {
            Check(resource, endpoint);
            if (Fixed(resource, endpoint) is not { } port)
            {
                continue;
            }

            if (!_given.Add(port) || !IsFree(port))
            {
                throw new DistributedApplicationException(
                    $"Port {port} for the endpoint '{endpoint.Name}' of '{resource.Name}' is taken by another program; "
                    + $"stop that program, or give the endpoint another port where the AppHost declares it (for no fixed port, leave it out).");
            }
        }

        foreach (var (resource, endpoint) in endpoints)
        {
            var port = Fixed(resource, endpoint) ?? Free();
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port);
            if (Replicas(resource) > 1)
            {
                endpoint.ReplicaPorts = [.. Enumerable.Range(0, Replicas(resource)).Select(_ => Free())];
            }
            else if (resource is not ContainerResource && endpoint.TargetPort is { } target && target != port)
            {
                endpoint.ReplicaPorts = [target];
            }
        }
    }

    public static int Replicas(IResource resource) => resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    /// <summary>Nobody listens on it, on neither loopback address.</summary>
    public static bool IsFree(int port) => IsFree(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || IsFree(IPAddress.IPv6Loopback, port));

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            // No such address on this machine (IPv6 switched off): nobody can listen there.
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int? Fixed(IResource resource, EndpointAnnotation endpoint) =>
        endpoint.Port ?? (resource is ContainerResource || Replicas(resource) > 1 ? null : endpoint.TargetPort);

    private static void Check(IResource resource, EndpointAnnotation endpoint)
    {
        var wrong = (resource, Replicas(resource) > 1, endpoint) switch
        {
            (ContainerResource, _, { TargetPort: null }) => "needs a targetPort: the port inside the container",
            (_, true, { IsExplicitlyProxied: false }) => "cannot be without a proxy: the resource has several replicas",
            (_, true, { TargetPort: not null }) => "cannot have a fixed targetPort: the resource has several replicas on one machine",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new DistributedApplicationException($"The endpoint '{endpoint.Name}' of '{resource.Name}' {wrong}.");
        }
    }

    private int Free()
    {
        for (var tries = 0; tries <= Last - First; tries++)
        {
            var port = _next;
            _next = _next == Last ? First : _next + 1;
            if (!_given.Contains(port) && IsFree(port))
            {
                _given.Add(port);
                return port;
            }
        }

        throw new DistributedApplicationException($"No port between {First} and {Last} is free.");
    }
}
