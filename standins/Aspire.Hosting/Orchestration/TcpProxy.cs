using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration;

/// <summary>Listens on an endpoint's public port and hands each connection to the next replica that takes it.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopped = new();
    private readonly List<Socket> _listeners = [];
    private readonly int[] _targets;
    private int _turn = -1;

    public TcpProxy(int port, IReadOnlyList<int> targets)
    {
        _targets = [.. targets];
        foreach (var address in Socket.OSSupportsIPv6 ? new[] { IPAddress.Loopback, IPAddress.IPv6Loopback } : [IPAddress.Loopback])
        {
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.Bind(new IPEndPoint(address, port));
                listener.Listen();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                listener.Dispose();
                continue;
            }

            _listeners.Add(listener);
            _ = AcceptAsync(listener);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        _listeners.ForEach(l => l.Dispose());
    }

    private static async Task PumpAsync(Socket from, Socket to, CancellationToken cancellation)
    {
        var buffer = new byte[32 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            for (var sent = 0; sent < read;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), cancellation).ConfigureAwait(false);
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                _ = ForwardAsync(await listener.AcceptAsync(_stopped.Token).ConfigureAwait(false));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // That client went away before it was accepted; or we are out of handles, which passes.
                await Task.Delay(10).ConfigureAwait(false);
            }
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using (client)
        using (var server = await ConnectAsync().ConfigureAwait(false))
        {
            if (server is null)
            {
                return; // Closing tells the client that nobody is there.
            }

            client.NoDelay = true;
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
            try
            {
                var up = PumpAsync(client, server, ended.Token);
                var down = PumpAsync(server, client, ended.Token);
                // One side may finish sending and still listen; an error ends both.
                var first = await Task.WhenAny(up, down).ConfigureAwait(false);
                await first.ConfigureAwait(false);
                await Task.WhenAll(up, down).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                await ended.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        for (var i = 0; i < _targets.Length; i++)
        {
            var target = _targets[(uint)Interlocked.Increment(ref _turn) % _targets.Length];
            var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await server.ConnectAsync("localhost", target, _stopped.Token).ConfigureAwait(false);
                return server;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                server.Dispose();
            }
        }

        return null;
    }
}
