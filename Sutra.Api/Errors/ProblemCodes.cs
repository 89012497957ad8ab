namespace Sutra.Api.Errors;

/// <summary>
/// The stable <c>code</c> of a problem; its <c>type</c> is <c>urn:sutra:problem:</c> and the code. A component that is away
/// gives <c>storage_unavailable</c>, <c>embedder_unavailable</c> or <c>audit_unavailable</c>.
/// </summary>
internal static class ProblemCodes
{
    public const string InvalidRequest = "invalid_request";
    public const string InvalidJson = "invalid_json";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string BodyTooLarge = "body_too_large";
    public const string ConceptNotFound = "concept_not_found";
    public const string CollectionNotFound = "collection_not_found";
    public const string CollectionExists = "collection_exists";
    public const string CollectionConflict = "collection_conflict";
    public const string JobNotFound = "job_not_found";
    public const string JobState = "job_state";
    public const string ScheduleNotFound = "schedule_not_found";
    public const string ContentExists = "content_exists";
    public const string DocumentNotFound = "document_not_found";
    public const string DocumentUnreadable = "document_unreadable";
    public const string TooManyItems = "too_many_items";
    public const string IdempotencyKeyInUse = "idempotency_key_in_use";
    public const string IdempotencyKeyReused = "idempotency_key_reused";
    public const string ReembeddingNotFound = "reembedding_not_found";
    public const string NotFound = "not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string Unauthenticated = "unauthenticated";
    public const string Forbidden = "forbidden";
    public const string Internal = "internal_error";

    public static string Type(string code) => $"urn:sutra:problem:{code}";

    /// <summary>The code of an answer that only has a status, such as an unknown route.</summary>
    public static string? Of(int? status) => status switch
    {
        StatusCodes.Status400BadRequest => InvalidRequest,
        StatusCodes.Status401Unauthorized => Unauthenticated,
        StatusCodes.Status403Forbidden => Forbidden,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => BodyTooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status500InternalServerError => Internal,
        _ => null,
    };
}
