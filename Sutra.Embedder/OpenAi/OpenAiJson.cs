using System.Text.Json.Serialization;
using Sutra.Embedder.Http;

namespace Sutra.Embedder.OpenAi;

/// <summary><c>{"error": {…}}</c>, all four members always there.</summary>
internal sealed record OpenAiErrorBody(OpenAiError Error);

internal sealed record OpenAiError(string Message, string Type, string? Param, string? Code)
{
    public static OpenAiError Of(RefusalException refusal) => new(
        refusal.Message,
        refusal.Status switch
        {
            StatusCodes.Status429TooManyRequests => "rate_limit_error",
            >= StatusCodes.Status500InternalServerError => "server_error",
            _ => "invalid_request_error",
        },
        refusal.Parameter,
        refusal.Code);
}

internal sealed record OpenAiModelList(string Object, IReadOnlyList<OpenAiModel> Data);

/// <summary>A model as OpenAI lists it, and what clients of ours like to know; what only its files say is null until it is loaded.</summary>
/// <param name="Id">What to ask for.</param>
/// <param name="Created">When it was written, in Unix seconds.</param>
/// <param name="Revision">Behind an <c>@</c>, names these very files, loaded or not; null: not known before they are.</param>
/// <param name="Commits">Of the repository it is from; each may stand for the revision.</param>
/// <param name="Precision">How its weights are stored.</param>
/// <param name="Dimensions">Of a vector.</param>
/// <param name="AllowedDimensions">What <c>dimensions</c> may be, largest first.</param>
/// <param name="MaxTokens">Most tokens that are read of a text.</param>
/// <param name="Prompts">What <c>prompt_name</c> may be.</param>
/// <param name="Loaded">It is in memory.</param>
/// <param name="Default">It answers those who name no model.</param>
internal sealed record OpenAiModel(
    string Id,
    string Object,
    long Created,
    string OwnedBy,
    string? Revision,
    IReadOnlyList<string> Commits,
    string? Precision,
    int? Dimensions,
    IReadOnlyList<int>? AllowedDimensions,
    int? MaxTokens,
    IReadOnlyList<string>? Prompts,
    bool Loaded,
    bool Default);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OpenAiErrorBody))]
[JsonSerializable(typeof(OpenAiModelList))]
internal sealed partial class OpenAiJson : JsonSerializerContext;
