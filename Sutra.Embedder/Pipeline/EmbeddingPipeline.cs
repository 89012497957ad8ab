using System.Diagnostics;
using Microsoft.Extensions.Options;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.PostProcessing;
using Sutra.Embedder.Selection;
using Sutra.Embedder.Telemetry;

namespace Sutra.Embedder.Pipeline;

/// <summary>
/// A call on its way: a model is selected, texts that no cache knows are tokenized and run, and what they gave is cut,
/// normalised and quantised as asked.
/// </summary>
internal sealed partial class EmbeddingPipeline(
    ModelSelector selector,
    EmbeddingEngine engine,
    IVectorCache cache,
    IOptions<EmbedderOptions> options,
    EmbedderTelemetry telemetry,
    TimeProvider time,
    ILogger<EmbeddingPipeline> logger)
{
    /// <summary>The answer has an item for each text; a text that cannot be embedded fails alone.</summary>
    /// <exception cref="CallException">The call asks for something that the model does not do.</exception>
    /// <exception cref="Serving.UnknownModelException">There is no such model.</exception>
    /// <exception cref="Serving.ModelUnavailableException">It cannot be loaded.</exception>
    /// <exception cref="OverloadException">Too much waits.</exception>
    public Task<EmbeddingAnswer> EmbedAsync(EmbeddingCall call, CancellationToken cancellation = default) =>
        RecordAsync(call, AnswerAsync, static answer => (answer.Model, answer.Tokens, FailureOf(answer.Items.Select(item => item.Failure))), cancellation);

    /// <summary>A vector of each token of each text, row by row, as the model puts them out; nothing of it is cached.</summary>
    /// <inheritdoc cref="EmbedAsync"/>
    public Task<TokenVectors> EmbedTokenVectorsAsync(EmbeddingCall call, CancellationToken cancellation = default) =>
        RecordAsync(call, TokenVectorsAsync, static answer =>
            (answer.Model, answer.Items.Sum(item => (long)item.TokenCount), FailureOf(answer.Items.Select(item => item.Failure))), cancellation);

    // What went wrong on our side, of a text at least; none: all went well, or it was the texts' own fault.
    private static TextFailure FailureOf(IEnumerable<TextFailure> failures) => failures.FirstOrDefault(static failure => failure.IsOurs());

    private async Task<T> RecordAsync<T>(
        EmbeddingCall call,
        Func<EmbeddingCall, long, CancellationToken, Task<T>> work,
        Func<T, (ModelIdentity Model, long Tokens, TextFailure Failure)> describe,
        CancellationToken cancellation)
    {
        using var activity = EmbedderTracing.Source.StartActivity(EmbedderTracing.Request);
        activity?.SetTag("request_id", activity.TraceId.ToHexString());
        activity?.SetTag("batch_size", call.Count);
        activity?.SetTag("target_dimensions", call.Dimensions);
        var started = time.GetTimestamp();
        try
        {
            var answer = await work(call, started, cancellation);
            var (model, tokens, failure) = describe(answer);
            activity?.SetTag("model", model.Id);
            activity?.SetTag("token_count", tokens);
            if (failure != TextFailure.None)
            {
                activity?.SetStatus(ActivityStatusCode.Error, $"A text {failure.Reason()}");
            }

            telemetry.Answered(model.Name, failure, time.GetElapsedTime(started));
            return answer;
        }
        catch (Exception e)
        {
            activity.Fail(e);
            if (telemetry.Failed(e, time.GetElapsedTime(started)) == EmbedderTelemetry.Unforeseen)
            {
                // Here, because streams and long lists answer with an item and not with an error.
                Log.Failed(logger, e);
            }

            throw;
        }
    }

    private async Task<TokenVectors> TokenVectorsAsync(EmbeddingCall call, long started, CancellationToken cancellation)
    {
        using var selected = await selector.SelectAsync(call, cancellation);
        var model = selected.Model;
        var dimensions = model.TokenDimensions
            ?? throw new CallException("model", $"The model '{model.Name}' gives one vector a text and none of its tokens.");
        var work = new ModelWork(model, engine, call, OutputKind.TokenVectors, LaneOf(call, model), time)
        {
            MaxTokens = options.Value.MaxTokenVectorBytes / (sizeof(float) * dimensions),
        };
        return new TokenVectors(model.Identity, dimensions, await work.MakeAsync(null, cancellation));
    }

    private async Task<EmbeddingAnswer> AnswerAsync(EmbeddingCall call, long started, CancellationToken cancellation)
    {
        using var selected = await selector.SelectAsync(call, cancellation);
        var model = selected.Model;
        var dimensions = DimensionsOf(model, call);
        var work = new ModelWork(model, engine, call, call.Normalise ? OutputKind.Vector : OutputKind.RawVector, LaneOf(call, model), time);
        var embeddings = call is { Texts: { } texts, Normalise: true }
            ? await cache.GetOrMakeAsync(work.Space, model.Dimensions, work.Hints, texts, work.MakeAsync, cancellation)
            : await work.MakeAsync(null, cancellation);
        var items = PostProcess(embeddings, dimensions, call);
        return new EmbeddingAnswer(
            model.Identity, selected.Reason, dimensions, call.Type, items, work.Timings with { Total = time.GetElapsedTime(started) });
    }

    // Many texts that would hold up everybody's questions for longer than a question may wait are bulk, whatever they are called.
    private Lane LaneOf(EmbeddingCall call, LoadedModel model)
    {
        if (call.Count <= options.Value.InteractiveTexts)
        {
            return call.Lane ?? Lane.Interactive;
        }

        var wanted = call.Lane ?? (call.InputType == InputType.Query ? Lane.Interactive : Lane.Bulk);
        return wanted == Lane.Interactive && ModelWork.ExpectedSeconds(model, call) / engine.Workers > options.Value.InteractiveDelay.TotalSeconds ? Lane.Bulk : wanted;
    }

    /// <exception cref="CallException">The model cannot be cut to what the call wants.</exception>
    internal static int DimensionsOf(LoadedModel model, EmbeddingCall call)
    {
        if (call.Dimensions is not { } wanted || wanted == model.Dimensions)
        {
            return model.Dimensions;
        }

        var legal = model.LegalDimensions;
        return legal.Contains(wanted)
            ? wanted
            : throw new CallException("dimensions", legal.Count == 1
                ? $"dimensions must be {model.Dimensions} for this model, or be left out: it was not trained to be cut."
                : $"dimensions must be one of {string.Join(", ", legal)} for this model, or be left out.");
    }

    private static EmbeddedText[] PostProcess(TextEmbedding[] embeddings, int dimensions, EmbeddingCall call)
    {
        using var activity = EmbedderTracing.Source.StartActivity(EmbedderTracing.PostProcessing);
        activity?.SetTag("target_dimensions", dimensions);
        activity?.SetTag("quantization", call.Type.ToString().ToLowerInvariant());
        activity?.SetTag("simd", System.Runtime.Intrinsics.Vector128.IsHardwareAccelerated);
        var items = new EmbeddedText[embeddings.Length];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = PostProcess(embeddings[i], dimensions, call);
        }

        return items;
    }

    private static EmbeddedText PostProcess(TextEmbedding embedding, int dimensions, EmbeddingCall call)
    {
        if (embedding.Values is not { } values)
        {
            return new EmbeddedText(default, null, embedding.TokenCount, embedding.Truncated, embedding.Failure);
        }

        if (Matryoshka.Cut(values, dimensions, call.Normalise) is not { } cut)
        {
            return new EmbeddedText(default, null, embedding.TokenCount, embedding.Truncated, TextFailure.NothingKnown);
        }

        return call.Type == VectorType.Float32
            ? new EmbeddedText(cut, null, embedding.TokenCount, embedding.Truncated, TextFailure.None)
            : new EmbeddedText(default, VectorQuantization.Encode(cut, call.Type), embedding.TokenCount, embedding.Truncated, TextFailure.None);
    }

    private static partial class Log
    {
        [LoggerMessage(325, LogLevel.Error, "A call failed for a reason that nobody foresaw")]
        public static partial void Failed(ILogger logger, Exception error);
    }
}
