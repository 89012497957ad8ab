using System.Text.Json.Serialization;

namespace Sutra.Embedder.OpenAi;

/// <summary><c>{"error": {…}}</c>, all four members always there.</summary>
internal sealed record OpenAiErrorBody(OpenAiError Error);

internal sealed record OpenAiError(string Message, string Type, string? Param, string? Code);

internal sealed record OpenAiModelList(string Object, IReadOnlyList<OpenAiModel> Data);

/// <summary>A model as OpenAI lists it, and what clients of ours like to know.</summary>
internal sealed record OpenAiModel(string Id, string Object, long Created, string OwnedBy, string Revision, int Dimensions, int MaxTokens);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OpenAiErrorBody))]
[JsonSerializable(typeof(OpenAiModelList))]
internal sealed partial class OpenAiJson : JsonSerializerContext;
