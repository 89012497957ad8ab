using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sutra.AppHost.Infrastructure;

/// <summary>
/// Begins a session with PostgreSQL's start-up message (protocol 3.0): a server that accepts sessions asks for the
/// password ('R'); one that is still starting, recovering or stopping answers with an error ('E').
/// </summary>
internal sealed class PostgresGreeting(EndpointReference endpoint) : IHealthCheck
{
    private const int Protocol3 = 3 << 16;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            await using var stream = client.GetStream();
            await stream.WriteAsync(StartupMessage("user\0postgres\0database\0audit\0\0"), cancellationToken);
            var kind = new byte[1];
            var answered = await stream.ReadAtLeastAsync(kind, 1, throwOnEndOfStream: false, cancellationToken) == 1;
            return answered && kind[0] == 'R'
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy(answered ? "PostgreSQL does not accept sessions yet" : "PostgreSQL closed the connection");
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }

    /// <summary>Length (itself included) and version, big-endian, then the parameters.</summary>
    private static byte[] StartupMessage(string parameters)
    {
        var message = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), Protocol3);
        Encoding.ASCII.GetBytes(parameters, message.AsSpan(8));
        return message;
    }
}
