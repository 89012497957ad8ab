using System.Net;
using System.Net.Sockets;

namespace Sutra.Tests.Harness;

/// <summary>
/// Loopback ports for servers that are told theirs. Below the range that systems give to outgoing connections (32768 and up): one of those
/// could take a port between its being found free and its server's start. No port is given twice.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 12_000;

    // Two runs at once begin at different places.
    private static int s_next = Random.Shared.Next(Count);

    /// <summary>A port that nobody listened on a moment ago.</summary>
    public static int Next()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref s_next) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException("No port is free.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
