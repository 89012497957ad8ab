using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Sutra.Embedder.OpenApi;

internal sealed record EmbeddingList(string Object, IReadOnlyList<EmbeddingItem> Data, string Model, TokenUsage Usage);

internal sealed record EmbeddingItem(
    string Object,
    int Index,
    Vector? Embedding,
    [property: Description("Tokens read, special ones included.")] int Tokens,
    [property: Description("The text was longer than the model reads, and was cut.")] bool Truncated)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ItemError? Error { get; init; }
}

internal sealed record TokenUsage(long PromptTokens, long TotalTokens);

internal sealed record ItemError(string Message, string Code);

internal sealed record StreamLine(LineId? Id, long Index, Vector? Embedding, int? Tokens, bool? Truncated, ItemError? Error);

internal sealed record TokenShape(
    int Id,
    string Text,
    bool Special,
    [property: Description("In code points; null for what the model's template adds.")] int? Start,
    int? Stop);

/// <summary>Problem details (RFC 9457).</summary>
internal sealed record Problem(
    string Type,
    string Title,
    int Status,
    string Detail,
    [property: Description("The field that is wrong.")] string? Param,
    [property: Description("For programs.")] string? Code,
    [property: JsonPropertyName("traceId")] string TraceId);
