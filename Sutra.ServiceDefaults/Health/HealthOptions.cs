using System.ComponentModel.DataAnnotations;

namespace Sutra.ServiceDefaults.Health;

/// <summary>Configuration section <c>ServiceDefaults:Health</c>.</summary>
public sealed class HealthOptions
{
    public const string Section = "ServiceDefaults:Health";

    /// <summary>How long one check may take before it counts as unhealthy, unless its registration says otherwise; default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a result is served again, so that probes cannot hammer what is probed; default 1 s; zero switches it off.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan CacheFor { get; set; } = TimeSpan.FromSeconds(1);
}
