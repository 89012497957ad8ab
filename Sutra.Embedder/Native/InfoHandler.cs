using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.OpenAi;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Selection;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Native;

/// <summary><c>/info</c>: what this embedder is, and which model it would answer with, and why.</summary>
internal sealed class InfoHandler(
    ModelSelector selector,
    EmbeddingEngine engine,
    ModelDirectory models,
    IOptions<EmbedderOptions> options,
    IOptions<ServingOptions> serving,
    IOptions<DoorOptions> doors)
{
    /// <summary>What its address may say.</summary>
    public static string[] Fields { get; } = ["model", "preference", "dimensions"];

    private static string Version { get; } =
        typeof(InfoHandler).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public async Task HandleAsync(HttpContext context)
    {
        using var selected = await selector.SelectAsync(QueryFields.Read(context.Request.Query, Fields, static fields => fields.ReadCall()), context.RequestAborted);
        context.Response.WriteModelHeader(selected.Model.Identity);
        await context.Response.WriteAsJsonAsync(Describe(selected), InfoJson.Default.EmbedderInfo);
    }

    private EmbedderInfo Describe(SelectedModel selected)
    {
        var (model, folder, settings) = (selected.Model, selected.Model.Folder, options.Value);
        return new EmbedderInfo(
            model.Name,
            model.Identity.Revision,
            folder.Onnx.Precision.ToName(),
            new ModelType(new EmbeddingModelType(folder.Pooling.ToString().ToLowerInvariant())),
            model.Dimensions,
            model.LegalDimensions,
            model.MaxTokens,
            [.. folder.Prompts.Keys.Order(StringComparer.Ordinal)],
            model.TokenDimensions is not null,
            selected.Reason,
            new Hardware(serving.Value.HardwareProfile.ToString().ToLowerInvariant(), model.Provider, engine.Workers, engine.AliveWorkers),
            model.Policy.TokenBudget,
            model.Policy.MaxTexts,
            new QueueInfo(
                engine.Waiting,
                engine.Capacity,
                engine.ExpectedWait(Lane.Interactive).TotalMilliseconds,
                engine.ExpectedWait(Lane.Bulk).TotalMilliseconds,
                settings.InteractiveDelay.TotalMilliseconds,
                settings.BulkDelay.TotalMilliseconds),
            EmbedderOptions.MaxTextsPerRequest,
            doors.Value.MaxBatchTexts,
            settings.MaxBodyBytes,
            doors.Value.MaxLineBytes,
            AutoTruncate: true,
            models.List(),
            Version);
    }
}

/// <summary>Names are those of text-embeddings-inference where it has the same.</summary>
/// <param name="ModelId">What to ask for.</param>
/// <param name="ModelSha">Its revision: changes whenever a text could get another vector.</param>
/// <param name="ModelDtype">How its weights are stored.</param>
/// <param name="Dimensions">Of a whole vector.</param>
/// <param name="AllowedDimensions">What <c>dimensions</c> may be.</param>
/// <param name="MaxInputLength">Most tokens read of a text.</param>
/// <param name="Prompts">What <c>prompt_name</c> may be.</param>
/// <param name="TokenVectors">Whether <c>/embed_all</c> works.</param>
/// <param name="Selection">Why this model.</param>
/// <param name="MaxBatchTokens">Of one run.</param>
/// <param name="MaxBatchRequests">Texts of one run.</param>
internal sealed record EmbedderInfo(
    string ModelId,
    string ModelSha,
    string ModelDtype,
    ModelType ModelType,
    int Dimensions,
    IReadOnlyList<int> AllowedDimensions,
    int MaxInputLength,
    IReadOnlyList<string> Prompts,
    bool TokenVectors,
    string Selection,
    Hardware Hardware,
    int MaxBatchTokens,
    int MaxBatchRequests,
    QueueInfo Queue,
    int MaxClientBatchSize,
    int MaxBatchTexts,
    int MaxBodyBytes,
    int MaxLineBytes,
    bool AutoTruncate,
    IReadOnlyList<OpenAiModel> Models,
    string Version);

internal sealed record ModelType(EmbeddingModelType Embedding);

internal sealed record EmbeddingModelType(string Pooling);

/// <param name="Profile">What was asked for: auto, cpu, gpu.</param>
/// <param name="Provider">What there is: cpu, cuda.</param>
internal sealed record Hardware(string Profile, string Provider, int Workers, int AliveWorkers);

/// <summary>Times in milliseconds: what a request that came now would wait, and from where on it is refused.</summary>
internal sealed record QueueInfo(int Waiting, int Capacity, double InteractiveWait, double BulkWait, double MaxInteractiveWait, double MaxBulkWait);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EmbedderInfo))]
internal sealed partial class InfoJson : JsonSerializerContext;
