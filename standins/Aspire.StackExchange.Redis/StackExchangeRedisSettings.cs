namespace Aspire.StackExchange.Redis;

/// <summary>Configuration section <c>Aspire:StackExchange:Redis</c>, then <c>Aspire:StackExchange:Redis:{connectionName}</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary><c>ConnectionStrings:{connectionName}</c> wins over it.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    /// <summary>Whether connecting waits until the multiplexer is resolved; here it always does.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
