using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Aspire.Hosting.Postgres;

/// <summary>Logs in and asks <c>SELECT 1</c>.</summary>
internal sealed class PostgresHealthCheck(IResourceWithConnectionString resource) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await Connections.OpenAsync(resource, cancellationToken).ConfigureAwait(false);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}

internal static class DatabaseCreation
{
    public static async Task CreateMissingAsync(PostgresServerResource server, CancellationToken cancellation)
    {
        await using var connection = await Connections.OpenAsync(server, cancellation).ConfigureAwait(false);
        foreach (var database in server.Databases.Values)
        {
            try
            {
                var quoted = database.Replace("\"", "\"\"", StringComparison.Ordinal);
                await using var command = new NpgsqlCommand($"CREATE DATABASE \"{quoted}\"", connection);
                await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase)
            {
                // There since an earlier run.
            }
        }
    }
}

internal static class Connections
{
    public static async Task<NpgsqlConnection> OpenAsync(IResourceWithConnectionString resource, CancellationToken cancellation)
    {
        var text = await resource.GetConnectionStringAsync(cancellation).ConfigureAwait(false);
        // Without a pool: it would keep connections to a server that is going away.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(text) { Pooling = false, Timeout = 5 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
