using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Sutra.Api.OpenApi;

/// <summary>Problem details (RFC 9457), as every error has them.</summary>
[Description("Problem details (RFC 9457).")]
internal sealed record Problem(
    [property: Description("urn:sutra:problem: and the code.")] string Type,
    string Title,
    int Status,
    [property: Description("For people; repeats nothing of what was sent.")] string Detail,
    [property: Description("For programs; docs/api.md lists them.")] string Code,
    [property: Description("32 hex digits, by which logs and traces are found.")] [property: JsonPropertyName("traceId")] string TraceId,
    [property: Description("What is wrong with each field, by its name.")] IReadOnlyDictionary<string, string[]>? Errors = null,
    [property: Description("The part of Sutra that could not do its work.")] string? Component = null);
