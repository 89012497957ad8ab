using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sutra.Tests.Gateway;

/// <summary>A service that accepts connections and then misbehaves.</summary>
internal sealed class BrokenService : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    /// <param name="answer">What it sends after a request's headers, as it stands; null sends nothing.</param>
    /// <param name="thenClose">False keeps the connection open and silent.</param>
    public BrokenService(string? answer, bool thenClose, int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync(answer, thenClose);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(string? answer, bool thenClose)
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token), answer, thenClose));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(Socket socket, string? answer, bool thenClose)
    {
        using (socket)
        {
            try
            {
                var buffer = new byte[16 * 1024];
                await socket.ReceiveAsync(buffer, _stop.Token);
                if (answer is not null)
                {
                    await socket.SendAsync(Encoding.ASCII.GetBytes(answer), _stop.Token);
                }

                if (!thenClose)
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The test is over, or the gateway hung up.
            }
        }
    }
}
