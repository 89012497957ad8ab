using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sutra.AppHost.Infrastructure;

/// <summary>AUTH and PING in Redis's own protocol: healthy means that it answers +PONG to our password.</summary>
internal sealed class RedisPing(EndpointReference endpoint, ParameterResource password) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            await using var stream = client.GetStream();
            var secret = await password.GetValueAsync(cancellationToken) ?? "";
            var commands = $"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(secret)}\r\n{secret}\r\n*1\r\n$4\r\nPING\r\n";
            await stream.WriteAsync(Encoding.UTF8.GetBytes(commands), cancellationToken);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var authenticated = await reader.ReadLineAsync(cancellationToken);
            var answer = authenticated == "+OK" ? await reader.ReadLineAsync(cancellationToken) : authenticated;
            return answer == "+PONG" ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"Redis answers {answer ?? "nothing"}");
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
