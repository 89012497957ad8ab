namespace Sutra.Api.Ingestion.Schedules;

/// <summary>A folder or an address whose contents become a job whenever they have changed.</summary>
internal sealed record Schedule
{
    /// <summary>32 hex digits.</summary>
    public required string Id { get; init; }

    public required string Subject { get; init; }

    /// <summary>Absolute path, or an http or https address.</summary>
    public required string Source { get; init; }

    public int EveryMinutes { get; init; }

    public string? Collection { get; init; }

    public string? Owner { get; init; }

    public int Priority { get; init; }

    public string? ContentColumn { get; init; }

    public string? Webhook { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset NextAt { get; init; }

    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>Code: <c>created</c>, <c>unchanged</c>, or what went wrong.</summary>
    public string? LastResult { get; init; }

    public IReadOnlyList<string> LastJobs { get; init; } = [];

    /// <summary>What was there when it was last read, by file name or <c>""</c>: hash, and what the server said of it.</summary>
    public IReadOnlyDictionary<string, Seen> Seen { get; init; } = new Dictionary<string, Seen>(StringComparer.Ordinal);

    public DateTimeOffset? LeaseUntil { get; init; }
}

/// <param name="Hash">SHA-256, hex.</param>
/// <param name="Size">Of a file; with the time of its last change it says whether reading it is worth while.</param>
internal sealed record Seen(string Hash, long Size = 0, long ModifiedTicks = 0, string? ETag = null, string? LastModified = null);
