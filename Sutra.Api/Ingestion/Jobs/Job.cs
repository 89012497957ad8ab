namespace Sutra.Api.Ingestion.Jobs;

internal enum JobState
{
    /// <summary>Nothing of it was begun.</summary>
    Queued,
    Running,
    Paused,

    /// <summary>Nothing is left to do; there may be dead letters.</summary>
    Completed,
    Cancelled,

    /// <summary>It cannot go on: <see cref="Job.Error"/> says why.</summary>
    Failed,
}

internal enum JobFormat
{
    /// <summary>One JSON object a line.</summary>
    Ndjson,

    /// <summary>RFC 4180, with a header.</summary>
    Csv,

    /// <summary>One array of objects.</summary>
    Json,
}

internal enum WebhookState
{
    None,

    /// <summary>The job has not ended.</summary>
    Waiting,

    /// <summary>It has; nobody has been told yet.</summary>
    Due,
    Delivered,
    Failed,
}

/// <summary>One upload and how far it is. Holds no text of what was uploaded.</summary>
internal sealed record Job
{
    /// <summary>32 hex digits; later jobs have larger ones.</summary>
    public required string Id { get; init; }

    public JobState State { get; init; }

    public JobFormat Format { get; init; }

    /// <summary>Who asked for it: it is worked on in their name.</summary>
    public required string Subject { get; init; }

    /// <summary>The spool folder that the upload lies in.</summary>
    public required string SpoolId { get; init; }

    public string? Collection { get; init; }

    /// <summary>Owner of the concepts that name none.</summary>
    public string? Owner { get; init; }

    /// <summary>0 (last) to 9 (first).</summary>
    public int Priority { get; init; }

    /// <summary>The column of a CSV that holds the content; the others are metadata.</summary>
    public string? ContentColumn { get; init; }

    public string? Webhook { get; init; }

    public string? ScheduleId { get; init; }

    /// <summary>Bytes of the upload.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes before the first record: a CSV's header.</summary>
    public int HeaderBytes { get; init; }

    public long Items { get; init; }

    public long Learned { get; init; }

    /// <summary>Of those learned: longer than the model reads.</summary>
    public long Truncated { get; init; }

    /// <summary>Items that are tried again.</summary>
    public long Failed { get; init; }

    /// <summary>Items that are not tried again by themselves.</summary>
    public long Dead { get; init; }

    public int Ranges { get; init; }

    public int RangesLeft { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Code of what ended a failed job.</summary>
    public string? Error { get; init; }

    /// <summary>The upload is gone: nothing can be tried again.</summary>
    public bool UploadRemoved { get; init; }

    public WebhookState WebhookState { get; init; }

    public int WebhookAttempts { get; init; }

    public DateTimeOffset? WebhookNextAt { get; init; }

    /// <summary>Why the last attempt failed: a status, or a code.</summary>
    public string? WebhookError { get; init; }

    /// <summary>Grows with every change.</summary>
    public long Version { get; init; }

    public bool IsOpen => State is JobState.Queued or JobState.Running or JobState.Paused;

    public bool IsWorkable => State is JobState.Queued or JobState.Running;

    public long Waiting => Items - Learned - Failed - Dead;
}

/// <summary>A stretch of an upload that is worked on as one; what is done is done for all of it.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Offset">Where its first record begins, in bytes.</param>
/// <param name="Length">Up to the end of its last record.</param>
/// <param name="FirstLine">Line (of an array: element) that its first record begins in, from 1.</param>
/// <param name="Items">Records in it.</param>
internal readonly record struct JobRange(int Number, long Offset, long Length, long FirstLine, int Items);

internal enum ItemState
{
    Failed,
    Dead,
}

/// <summary>A record that was not learned. Says where it is and what is wrong with it, and never what it says.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Field">The field that is wrong, or <c>line</c>.</param>
/// <param name="Code">For programs.</param>
/// <param name="Reason">For people.</param>
/// <param name="NextAt">When it is tried again; null when it is dead.</param>
internal sealed record JobItem(
    long Line, long Offset, long Length, ItemState State, int Attempts, string Field, string Code, string Reason, DateTimeOffset? NextAt);

/// <summary>What somebody is working on until the lease ends: a range, or items that are tried again.</summary>
internal sealed record Work(Job Job, Guid Lease, JobRange? Range, IReadOnlyList<JobItem> Items);

/// <summary>How that went. Items that are in neither list, of those that were tried again, are learned.</summary>
/// <param name="Learned">How many.</param>
/// <param name="NotLearned">Failed ones and dead ones.</param>
internal sealed record WorkOutcome(long Learned, long Truncated, IReadOnlyList<JobItem> NotLearned);
