using System.Net.Sockets;
using System.Text;

namespace Sutra.Tests.Gateway;

/// <summary>Sends bytes that no well-behaved client sends.</summary>
internal static class RawHttp
{
    /// <summary>Sends the text as it stands, and reads until the server closes or <paramref name="limit"/> (10 s) is over.</summary>
    public static async Task<string> SendAsync(Uri server, string text, TimeSpan? limit = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        using var stop = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(10));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // What came until then is the answer.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    public static int StatusOf(string answer) => answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(answer.AsSpan(9, 3)) : 0;
}
