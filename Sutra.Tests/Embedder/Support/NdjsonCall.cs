using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Sutra.Tests.Embedder.Support;

/// <summary>A stream of lines both ways at once over HTTP/1.1, which <see cref="HttpClient"/> cannot do: it reads no answer before the request is sent.</summary>
internal sealed class NdjsonCall : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly List<byte> _received = [];
    private readonly List<byte> _decoded = [];
    private int _chunk;

    private NdjsonCall(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public int Status { get; private set; }

    public string Headers { get; private set; } = "";

    /// <summary>The whole answer was read.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Sends the head of a request; <see cref="ReadHeadAsync"/> reads that of the answer.</summary>
    public static async Task<NdjsonCall> StartAsync(Uri server, string route, string headers)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var call = new NdjsonCall(client);
        await call.SendRawAsync(
            $"POST {route} HTTP/1.1\r\nHost: {server.Authority}\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-ndjson\r\n{headers}\r\n\r\n");
        return call;
    }

    public Task SendAsync(string text, CancellationToken cancellation = default)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        return SendRawAsync($"{bytes.ToString("x", CultureInfo.InvariantCulture)}\r\n{text}\r\n", cancellation);
    }

    public Task EndAsync() => SendRawAsync("0\r\n\r\n");

    public async Task SendRawAsync(string text, CancellationToken cancellation = default) =>
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);

    public async Task ReadHeadAsync()
    {
        int end;
        while ((end = Encoding.Latin1.GetString([.. _received]).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            await ReceiveAsync();
        }

        Headers = Encoding.Latin1.GetString([.. _received[..end]]);
        Status = int.Parse(Headers.AsSpan(9, 3), CultureInfo.InvariantCulture);
        _received.RemoveRange(0, end + 4);
    }

    /// <summary>The next line of the answer; null: there is none any more.</summary>
    public async Task<JsonObject?> ReadAsync()
    {
        while (true)
        {
            var end = _decoded.IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.UTF8.GetString([.. _decoded[..end]]);
                _decoded.RemoveRange(0, end + 1);
                return JsonNode.Parse(line)!.AsObject();
            }

            if (HasEnded)
            {
                return null;
            }

            await DecodeAsync();
        }
    }

    public async Task<List<JsonObject>> ReadAllAsync()
    {
        var lines = new List<JsonObject>();
        while (await ReadAsync() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    // Chunked transfer coding (RFC 9112, 7.1).
    private async Task DecodeAsync()
    {
        if (_chunk > 0)
        {
            if (_received.Count < _chunk + 2)
            {
                await ReceiveAsync();
                return;
            }

            _decoded.AddRange(_received[.._chunk]);
            _received.RemoveRange(0, _chunk + 2);
            _chunk = 0;
            return;
        }

        var end = _received.IndexOf((byte)'\n');
        if (end < 0)
        {
            await ReceiveAsync();
            return;
        }

        _chunk = int.Parse(Encoding.Latin1.GetString([.. _received[..end]]).TrimEnd(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        _received.RemoveRange(0, end + 1);
        HasEnded = _chunk == 0;
    }

    private async Task ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[16384];
        var read = await _stream.ReadAsync(buffer, limit.Token);
        if (read == 0)
        {
            throw new IOException("The server closed the connection in the middle of an answer.");
        }

        _received.AddRange(buffer.AsSpan(0, read));
    }
}
