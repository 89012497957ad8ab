using System.ComponentModel.DataAnnotations;

namespace Sutra.Api.Ingestion;

/// <summary>Configuration section <c>Ingestion</c>; validated at start.</summary>
public sealed class IngestionOptions : IValidatableObject
{
    public const string Section = "Ingestion";

    /// <summary>
    /// Folder of what was uploaded, and of the jobs' journal where there is no PostgreSQL; default: <c>ingest</c> beside <c>Audit:FilePath</c>, else
    /// in the temporary folder. Instances that share a database may share it (a volume), or have one each: each works on what lies in its own.
    /// </summary>
    public string? SpoolPath { get; set; }

    /// <summary>Largest upload in bytes; default 64 GiB.</summary>
    [Range(1024, 1L << 42, ErrorMessage = "Ingestion:MaxUploadBytes must be 1 KiB to 4 TiB.")]
    public long MaxUploadBytes { get; set; } = 64L << 30;

    /// <summary>Most concepts that are read, embedded and learned together; default 512.</summary>
    [Range(1, 1024, ErrorMessage = "Ingestion:RangeItems must be 1 to 1024.")]
    public int RangeItems { get; set; } = 512;

    /// <summary>Bytes after which such a group ends, too; default 1 MiB.</summary>
    [Range(1024, 4 << 20, ErrorMessage = "Ingestion:RangeBytes must be 1 KiB to 4 MiB.")]
    public int RangeBytes { get; set; } = 1 << 20;

    /// <summary>Fewest groups under way at once; default 1.</summary>
    [Range(1, 64, ErrorMessage = "Ingestion:MinConcurrency must be 1 to 64.")]
    public int MinConcurrency { get; set; } = 1;

    /// <summary>Most groups under way at once; default 8. Between the two it goes by what the embedder and the storage sustain.</summary>
    [Range(1, 64, ErrorMessage = "Ingestion:MaxConcurrency must be 1 to 64.")]
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>A group that takes longer, and twice as long as the best ones, counts as a sign of overload; default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ErrorMessage = "Ingestion:TargetLatency must be 10 ms to 10 minutes.")]
    public TimeSpan TargetLatency { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Attempts at a concept before it is a dead letter; default 3.</summary>
    [Range(1, 20, ErrorMessage = "Ingestion:Attempts must be 1 to 20.")]
    public int Attempts { get; set; } = 3;

    /// <summary>Wait before the second attempt, doubled before each further one, less up to half of it by chance; default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00", ErrorMessage = "Ingestion:RetryDelay must be 1 ms to 10 minutes.")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait while the embedder, the storage or the audit trail is away; default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ErrorMessage = "Ingestion:MaxWait must be 10 ms to 10 minutes.")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a group stays with an instance that says nothing more of it; default 15 s. It renews three times as often.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Ingestion:Lease must be 1 s to 10 minutes.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often work of other instances, and of schedules, is looked for; default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Ingestion:PollEvery must be 10 ms to 1 minute.")]
    public TimeSpan PollEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Dead letters at which a job fails: so many wrong lines are a wrong file; default 100,000.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Ingestion:MaxDeadLetters must be 1 to 10000000.")]
    public int MaxDeadLetters { get; set; } = 100_000;

    /// <summary>How long the upload of a job that ended with dead letters is kept, so that they can be tried again; default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00", ErrorMessage = "Ingestion:KeepDeadLetters must be 1 s to 3650 days.")]
    public TimeSpan KeepDeadLetters { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long the record of an ended job is kept; default 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00", ErrorMessage = "Ingestion:KeepJobs must be 1 s to 3650 days.")]
    public TimeSpan KeepJobs { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Folders that schedules may read from, and from below them; none by default.</summary>
    public IList<string> ScheduleRoots { get; } = [];

    /// <summary>
    /// Networks in CIDR notation that schedules and webhooks may reach although they are not public, such as <c>10.1.0.0/16</c>; none by default.
    /// </summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>Signs webhooks (HMAC-SHA256); at least 32 characters. Without it jobs with a webhook are refused.</summary>
    [MinLength(32, ErrorMessage = "Ingestion:WebhookSecret is too short: it needs at least 32 characters.")]
    public string? WebhookSecret { get; set; }

    /// <summary>Attempts at a webhook; default 6, over about five minutes.</summary>
    [Range(1, 20, ErrorMessage = "Ingestion:WebhookAttempts must be 1 to 20.")]
    public int WebhookAttempts { get; set; } = 6;

    /// <summary>Wait before a webhook's second attempt, doubled before each further one; default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00", ErrorMessage = "Ingestion:WebhookDelay must be 1 ms to 1 hour.")]
    public TimeSpan WebhookDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a webhook, or a scheduled address, may say nothing; default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00", ErrorMessage = "Ingestion:OutboundTimeout must be 100 ms to 5 minutes.")]
    public TimeSpan OutboundTimeout { get; set; } = TimeSpan.FromSeconds(15);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MinConcurrency > MaxConcurrency)
        {
            yield return new ValidationResult("Ingestion:MinConcurrency must not be more than Ingestion:MaxConcurrency.");
        }

        if (AllowedNetworks.FirstOrDefault(network => !System.Net.IPNetwork.TryParse(network, out _)) is { } wrong)
        {
            yield return new ValidationResult($"Ingestion:AllowedNetworks holds '{wrong}', which is no network in CIDR notation.");
        }

        if (ScheduleRoots.FirstOrDefault(root => !Path.IsPathFullyQualified(root)) is { } relative)
        {
            yield return new ValidationResult($"Ingestion:ScheduleRoots holds '{relative}', which is no absolute path.");
        }
    }
}
