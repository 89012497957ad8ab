using System.Net;
using System.Net.Sockets;

namespace Sutra.Api.Ingestion.Outbound;

/// <summary>
/// Which addresses this server calls because somebody asked it to: public ones, and those of <see cref="IngestionOptions.AllowedNetworks"/>. All that
/// IANA's special-purpose registries (RFC 6890) take out of the public network is refused, in whatever form IPv6 wraps it.
/// </summary>
internal sealed class AddressPolicy(IEnumerable<string> allowed)
{
    private static readonly IPNetwork[] s_notPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    // Addresses that carry one of IPv4: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056). By prefix, and where the four bytes begin.
    private static readonly (IPNetwork Network, int At)[] s_carriers =
    [
        (IPNetwork.Parse("::ffff:0:0/96"), 12),
        (IPNetwork.Parse("::/96"), 12),
        (IPNetwork.Parse("64:ff9b::/96"), 12),
        (IPNetwork.Parse("2002::/16"), 2),
    ];

    private readonly IPNetwork[] _allowed = [.. allowed.Select(IPNetwork.Parse)];

    public bool Allows(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (Array.Exists(_allowed, network => network.Contains(address)))
        {
            return true;
        }

        if (Array.Exists(s_notPublic, network => network.Contains(address)))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            foreach (var (network, at) in s_carriers)
            {
                if (network.Contains(address))
                {
                    return Allows(new IPAddress(address.GetAddressBytes().AsSpan(at, 4)));
                }
            }
        }

        return true;
    }
}
