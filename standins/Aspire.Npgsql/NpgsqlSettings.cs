namespace Aspire.Npgsql;

/// <summary>Configuration section <c>Aspire:Npgsql</c>, then <c>Aspire:Npgsql:{connectionName}</c>.</summary>
public sealed class NpgsqlSettings
{
    /// <summary><c>ConnectionStrings:{connectionName}</c> wins over it.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    public bool DisableMetrics { get; set; }
}
