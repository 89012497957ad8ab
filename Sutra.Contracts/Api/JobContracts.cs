using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sutra.Contracts.Api;

/// <summary>A line of an upload to <c>POST /api/jobs</c>, or an element of its array; the limits are those of <see cref="LearnRequest"/>.</summary>
/// <param name="Owner">Whose it is; null: the job's owner.</param>
public sealed record IngestItem(
    string? Content,
    IReadOnlyDictionary<string, string>? Metadata = null,
    IReadOnlyList<AssociationContract>? Associations = null,
    string? Owner = null);

/// <summary>An upload and how far it is.</summary>
/// <param name="Id">32 hex digits; later jobs have larger ones.</param>
/// <param name="State"><c>queued</c>, <c>running</c>, <c>paused</c>, <c>completed</c>, <c>cancelled</c> or <c>failed</c>.</param>
/// <param name="Format"><c>ndjson</c>, <c>csv</c> or <c>json</c>.</param>
/// <param name="Priority">0 (last) to 9 (first).</param>
/// <param name="Bytes">Size of the upload.</param>
/// <param name="Items">How many concepts it holds, broken ones included.</param>
/// <param name="Learned">How many of them are durable and searchable.</param>
/// <param name="Truncated">How many of those are longer than the model reads.</param>
/// <param name="Waiting">How many were not tried yet.</param>
/// <param name="Failed">How many failed and are tried again.</param>
/// <param name="Dead">How many failed for good: the dead letters.</param>
/// <param name="RatePerSecond">Concepts learned a second, since it began; null before.</param>
/// <param name="EtaSeconds">How long it takes at that rate; null when nobody can say.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
/// <param name="UploadKept">False: its upload is gone, so that nothing of it can be tried again.</param>
/// <param name="Webhook">Null when none was asked for.</param>
/// <param name="ScheduleId">The schedule that made it; null when none did.</param>
public sealed record JobResponse(
    string Id,
    string State,
    string Format,
    string? Collection,
    string? Owner,
    int Priority,
    long Bytes,
    long Items,
    long Learned,
    long Truncated,
    long Waiting,
    long Failed,
    long Dead,
    double? RatePerSecond,
    double? EtaSeconds,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    string? Error,
    bool UploadKept,
    WebhookContract? Webhook,
    string? ScheduleId);

/// <summary>How telling somebody of a job's end goes.</summary>
/// <param name="State"><c>waiting</c> for the end, <c>due</c>, <c>delivered</c> or <c>failed</c>.</param>
/// <param name="Error">Why the last attempt failed: <c>status_NNN</c>, <c>timed_out</c>, <c>unreachable</c>, <c>forbidden_address</c>.</param>
public sealed record WebhookContract(string State, int Attempts, DateTimeOffset? NextAttemptAt, string? Error);

/// <summary>Answer of <c>GET /api/jobs</c>, newest first.</summary>
/// <param name="Next">What <c>before</c> is for the next page; null when this is the last.</param>
public sealed record JobListResponse(IReadOnlyList<JobResponse> Jobs, string? Next);

/// <summary>A line that was not learned. What it says is not told.</summary>
/// <param name="Line">Where it begins, from 1; of a JSON array: which element.</param>
/// <param name="State"><c>failed</c> (it is tried again) or <c>dead</c>.</param>
/// <param name="Field">What is wrong: a field's name, or <c>line</c>.</param>
/// <param name="Code">Which rule it breaks, for programs.</param>
/// <param name="Reason">The same for people.</param>
public sealed record JobItemResponse(long Line, string State, int Attempts, string Field, string Code, string Reason, DateTimeOffset? NextAttemptAt);

/// <summary>Answer of <c>GET /api/jobs/{id}/items</c>, by line.</summary>
/// <param name="Next">What <c>after</c> is for the next page; null when this is the last.</param>
public sealed record JobItemListResponse(IReadOnlyList<JobItemResponse> Items, long? Next);

/// <summary>Body of <c>POST /api/schedules</c>.</summary>
/// <param name="Source">Absolute path of a folder on the server below one of its <c>Ingestion:ScheduleRoots</c>, or an http or https address.</param>
/// <param name="EveryMinutes">1 to 525,600.</param>
/// <param name="Priority">0 (last) to 9 (first); default 5.</param>
/// <param name="ContentColumn">The column of CSV files that holds the content; default <c>content</c>.</param>
/// <param name="Webhook">Told at the end of each job.</param>
public sealed record ScheduleRequest(
    string? Source,
    int? EveryMinutes,
    string? Collection = null,
    string? Owner = null,
    int? Priority = null,
    string? ContentColumn = null,
    string? Webhook = null);

/// <summary>A schedule.</summary>
/// <param name="LastResult"><c>created</c>, <c>unchanged</c>, or what went wrong; null before the first run.</param>
/// <param name="LastJobs">Jobs that the last run made.</param>
public sealed record ScheduleResponse(
    string Id,
    string Source,
    int EveryMinutes,
    string? Collection,
    string? Owner,
    int Priority,
    string? ContentColumn,
    string? Webhook,
    DateTimeOffset CreatedAt,
    DateTimeOffset NextRunAt,
    DateTimeOffset? LastRunAt,
    string? LastResult,
    IReadOnlyList<string> LastJobs);

/// <summary>Answer of <c>GET /api/schedules</c>.</summary>
public sealed record ScheduleListResponse(IReadOnlyList<ScheduleResponse> Schedules);

/// <summary>The JSON of jobs and schedules; as <see cref="ApiJson"/>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IngestItem))]
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(JobListResponse))]
[JsonSerializable(typeof(JobItemListResponse))]
[JsonSerializable(typeof(ScheduleRequest))]
[JsonSerializable(typeof(ScheduleResponse))]
[JsonSerializable(typeof(ScheduleListResponse))]
public sealed partial class JobJson : JsonSerializerContext;
