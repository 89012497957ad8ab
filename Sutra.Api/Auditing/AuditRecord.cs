using System.Globalization;

namespace Sutra.Api.Auditing;

/// <summary>One thing that was done for somebody. It holds no text and no name: who is a keyed hash, what are ids.</summary>
/// <param name="Id">Makes a record that is written again after a lost connection the same record.</param>
/// <param name="Time">UTC.</param>
/// <param name="Action">See <see cref="AuditActions"/>.</param>
/// <param name="CallerHash">HMAC-SHA256 of the caller's subject, 64 hex digits.</param>
/// <param name="ConceptIds">The concept, or a query's evidence, best first; of a job or a schedule its own id.</param>
/// <param name="Outcome">See <see cref="AuditOutcomes"/>.</param>
/// <param name="TraceId">W3C trace id of the request, 32 hex digits.</param>
/// <param name="Model">Identity of the model that embedded.</param>
internal sealed record AuditRecord(
    Guid Id,
    DateTimeOffset Time,
    string Action,
    string CallerHash,
    IReadOnlyList<string> ConceptIds,
    string Outcome,
    string? TraceId,
    string? Model);

internal static class AuditActions
{
    public const string Learn = "learn";
    public const string LearnBatch = "learn-batch";
    public const string Import = "import";
    public const string Export = "export";
    public const string Fields = "fields";
    public const string Update = "update";
    public const string Query = "query";

    /// <summary>The evidence is sent to a language model, whose name is the record's model; committed before it is.</summary>
    public const string Generate = "query-generate";
    public const string Get = "get";
    public const string Delete = "delete";
    public const string CreateJob = "job-create";
    public const string CancelJob = "job-cancel";
    public const string DeleteJob = "job-delete";
    public const string CreateSchedule = "schedule-create";
    public const string DeleteSchedule = "schedule-delete";

    /// <summary>Committed before a change is made, so that there is no change without a record even if all ends right after it.</summary>
    public static string IntentOf(string action) => $"{action}-intent";
}

internal static class AuditOutcomes
{
    public const string Intended = "intended";
    public const string Created = "created";
    public const string Replaced = "replaced";
    public const string Ok = "ok";
    public const string NoAnswer = "no-answer";
    public const string NotFound = "not-found";

    /// <summary>Of a batch, whose record names what was created and replaced.</summary>
    public static string Counted(int created, int replaced, int failed) =>
        string.Create(CultureInfo.InvariantCulture, $"created:{created},replaced:{replaced},failed:{failed}");

    public static string Failed(string code) => $"failed:{code}";
}
