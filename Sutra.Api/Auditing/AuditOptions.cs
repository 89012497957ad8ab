using System.ComponentModel.DataAnnotations;

namespace Sutra.Api.Auditing;

/// <summary>Configuration section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>Keys the hash that stands for a caller and the file's chain; at least 32 characters; no default.</summary>
    [Required(ErrorMessage = "Audit:HashKey is missing: the secret that callers are hashed with in the audit trail.")]
    [MinLength(32, ErrorMessage = "Audit:HashKey is too short: it needs at least 32 characters.")]
    public string HashKey { get; set; } = "";

    /// <summary>Where the trail is written when <c>ConnectionStrings:audit</c> names no PostgreSQL database; needed only then.</summary>
    public string? FilePath { get; set; }

    /// <summary>How long the store may take to commit before it counts as unavailable; default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a store that is away is tried again; default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan RetryEvery { get; set; } = TimeSpan.FromMilliseconds(500);
}
