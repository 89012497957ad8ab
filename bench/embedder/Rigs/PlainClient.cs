using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sutra.Bench.Embedder.Rigs;

/// <summary>
/// An HTTP/1.1 client of one kept connection on a blocking socket, the least that a client can be: so that what is timed is the
/// server. <see cref="HttpClient"/> hands an answer over two or three threads before its caller has it.
/// </summary>
internal sealed class PlainClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[256 << 10];
    private readonly string _headers;

    public PlainClient(Uri server, string tokenHeader, string token)
    {
        _socket.Connect(IPAddress.Loopback, server.Port);
        _headers = $"Host: {server.Authority}\r\n{tokenHeader}: {token}\r\n";
    }

    public byte[] Post(string path, byte[] body) =>
        [.. Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"POST {path} HTTP/1.1\r\n{_headers}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n")), .. body];

    public byte[] Get(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\n{_headers}\r\n");

    /// <summary>Sends, and blocks until the whole answer is here.</summary>
    /// <exception cref="InvalidOperationException">The answer is not 200.</exception>
    public void Exchange(byte[] request)
    {
        _socket.Send(request);
        int length = 0, end = -1;
        while (end < 0 || length < end)
        {
            var received = _socket.Receive(_answer.AsSpan(length));
            if (received == 0)
            {
                throw new InvalidOperationException("The embedder closed the connection.");
            }

            length += received;
            end = end < 0 ? End(_answer.AsSpan(0, length)) : end;
        }
    }

    /// <summary>A number among the headers of the last answer.</summary>
    public double Header(string name)
    {
        var answer = Encoding.ASCII.GetString(_answer.AsSpan(0, 2048));
        var start = answer.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase) + name.Length + 4;
        return double.Parse(answer.AsSpan(start, answer.IndexOf('\r', start) - start), CultureInfo.InvariantCulture);
    }

    public void Dispose() => _socket.Dispose();

    // Where the answer ends: known once its headers are here, since the embedder states a length; or at the last chunk.
    private static int End(ReadOnlySpan<byte> answer)
    {
        var headersEnd = answer.IndexOf("\r\n\r\n"u8);
        if (headersEnd < 0)
        {
            return -1;
        }

        if (!answer.StartsWith("HTTP/1.1 200"u8))
        {
            throw new InvalidOperationException(Encoding.ASCII.GetString(answer[..headersEnd]));
        }

        var headers = answer[..headersEnd];
        var at = headers.IndexOf("\r\nContent-Length: "u8);
        if (at >= 0)
        {
            var digits = headers[(at + 18)..];
            var stop = digits.IndexOf((byte)'\r');
            return headersEnd + 4 + int.Parse(stop < 0 ? digits : digits[..stop], CultureInfo.InvariantCulture);
        }

        return answer.EndsWith("\r\n0\r\n\r\n"u8) ? answer.Length : -1;
    }
}
