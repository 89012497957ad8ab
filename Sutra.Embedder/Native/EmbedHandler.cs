using System.Text.Json;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.PostProcessing;

namespace Sutra.Embedder.Native;

/// <summary><c>/embed</c>: a list of vectors. <c>/embed_all</c>: for each text a list of its tokens' vectors. Nothing around either.</summary>
internal sealed class EmbedHandler(EmbeddingPipeline pipeline)
{
    private const string Field = "inputs";

    public async Task EmbedAsync(HttpContext context)
    {
        var call = await RequestBody.ReadAsync(context, static body => Read(body));
        var answer = await CallAsync(call, context.RequestAborted);
        for (var i = 0; i < answer.Items.Count; i++)
        {
            ThrowIfFailed(answer.Items[i].Failure, i);
        }

        context.Response.WriteHeaders(answer);
        using var writer = new JsonResponse(context.Response, context.RequestAborted);
        writer.Json.WriteStartArray();
        foreach (var item in answer.Items)
        {
            writer.Json.WriteVector(item, answer.Type, base64: false);
            await writer.FlushIfLargeAsync();
        }

        writer.Json.WriteEndArray();
        await writer.FinishAsync();
    }

    public async Task EmbedAllAsync(HttpContext context)
    {
        var call = await RequestBody.ReadAsync(context, static body => ReadForTokens(body));
        var (model, dimensions, items) = await CallAllAsync(call, context.RequestAborted);
        for (var i = 0; i < items.Length; i++)
        {
            ThrowIfFailed(items[i].Failure, i);
        }

        context.Response.WriteModelHeader(model);
        using var writer = new JsonResponse(context.Response, context.RequestAborted);
        writer.Json.WriteStartArray();
        foreach (var item in items)
        {
            writer.Json.WriteStartArray();
            for (var start = 0; start < item.Values!.Length; start += dimensions)
            {
                writer.Json.WriteFloats(item.Values.AsSpan(start, dimensions));
                await writer.FlushIfLargeAsync();
            }

            writer.Json.WriteEndArray();
        }

        writer.Json.WriteEndArray();
        await writer.FinishAsync();
    }

    private static EmbeddingCall Read(JsonElement body)
    {
        var fields = new JsonFields(body);
        var call = fields.ReadCall() with { Normalise = fields.Flag("normalize") ?? true };
        var inputs = TextInputs.Read(fields, Field, EmbedderOptions.MaxTextsPerRequest, failsAlone: false);
        return call with { Texts = inputs.Texts, Tokens = inputs.Tokens };
    }

    private static EmbeddingCall ReadForTokens(JsonElement body)
    {
        var call = Read(body);
        return call.Dimensions is null && call.Type == VectorType.Float32
            ? call
            : throw new RefusalException("Tokens' vectors are given whole and as floats: leave dimensions and the type out.", call.Dimensions is null ? "embedding_type" : "dimensions");
    }

    private async Task<EmbeddingAnswer> CallAsync(EmbeddingCall call, CancellationToken cancellation)
    {
        try
        {
            return await pipeline.EmbedAsync(call, cancellation);
        }
        catch (CallException e) when (e.Parameter == "input")
        {
            throw Renamed(e);
        }
    }

    private async Task<TokenVectors> CallAllAsync(EmbeddingCall call, CancellationToken cancellation)
    {
        try
        {
            return await pipeline.EmbedTokenVectorsAsync(call, cancellation);
        }
        catch (CallException e) when (e.Parameter == "input")
        {
            throw Renamed(e);
        }
    }

    // The field has another name here.
    private static RefusalException Renamed(CallException e) => new(e.Message.Replace("input[", "inputs[", StringComparison.Ordinal), Field);

    private static void ThrowIfFailed(TextFailure failure, int index)
    {
        if (failure != TextFailure.None)
        {
            throw Refusals.ForItem(failure, Field, $"{Field}[{index}]");
        }
    }
}
