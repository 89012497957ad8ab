using Microsoft.Extensions.Options;

namespace Sutra.Gateway.Keys;

/// <summary>
/// Once the gateway serves, prints one curl line that works when pasted. It goes to standard output, not to the log, and
/// shows a key only to a terminal: the key must not travel to wherever output and logs are kept.
/// </summary>
internal sealed class FirstRequestHint(ApiKeyStore keys, IOptions<GatewayOptions> options) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken) => 
        Console.Out.WriteLineAsync(Text(Console.IsOutputRedirected ? null : keys.FirstKey, options.Value));

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <param name="firstKey">The key that was made at this start, if it is to be shown.</param>
    internal static string Text(string? firstKey, GatewayOptions options)
    {
        var path = Path.GetFullPath(options.FirstKeyPath);
        return firstKey is not null
            ? $"""
               A first API key was made. It is printed this once; {path} keeps it, readable by its owner only. Try:
               {Curl(options.PublicUrl, firstKey)}
               """
            : $"""
               Try:
               {Curl(options.PublicUrl, File.Exists(path) ? $"$(cat {Quoted(path)})" : "$SUTRA_API_KEY")}
               """;
    }

    private static string Curl(Uri gateway, string key) =>
        $$"""curl -sS {{new Uri(gateway, "/api/learn")}} -H "Authorization: Bearer {{key}}" -H "Content-Type: application/json" -d '{"content": "Sutra remembers what it is told."}'""";

    // For a shell, inside $( ).
    private static string Quoted(string path) => $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
