using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sutra.Client.Http;

namespace Sutra.Client;

// The service itself, and its models.
public sealed partial class SutraClient
{
    /// <summary>How every component is; also when some are not well.</summary>
    public Task<SutraHealth> GetHealthAsync(CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Get, "health")
            {
                MayRepeat = false,
                Takes = response => response.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable
                    && response.Content.Headers.ContentType?.MediaType == MediaTypes.Json,
            },
            ClientJson.Default.SutraHealth,
            cancellation);

    internal Task<EmbedAnswer> EmbedAsync(EmbedBody body, CancellationToken cancellation) =>
        _http.SendAsync(
            new Call(HttpMethod.Post, "v1/embeddings", Transport.Json(body, ClientJson.Default.EmbedBody)) { MayRepeat = true }, ClientJson.Default.EmbedAnswer, cancellation);
}

/// <summary>How Sutra is.</summary>
/// <param name="Status">The worst of the components: <c>Healthy</c>, <c>Degraded</c> or <c>Unhealthy</c>.</param>
/// <param name="Timestamp">When it was looked at.</param>
public sealed record SutraHealth(string Status, DateTimeOffset Timestamp, double DurationMs, IReadOnlyList<SutraComponentHealth> Components);

public sealed record SutraComponentHealth(string Name, string Status, string? Description, double DurationMs);

internal sealed record EmbedBody(string Model, IReadOnlyList<string> Input, int? Dimensions, string? InputType, string EncodingFormat = "base64");

internal sealed record EmbedAnswer(IReadOnlyList<EmbedItem> Data, string Model, EmbedUsage? Usage);

internal sealed record EmbedItem(int Index, string Embedding);

internal sealed record EmbedUsage(long PromptTokens);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SutraHealth))]
[JsonSerializable(typeof(EmbedBody))]
[JsonSerializable(typeof(EmbedAnswer))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class ClientJson : JsonSerializerContext;
