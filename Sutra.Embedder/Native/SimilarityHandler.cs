using System.Numerics.Tensors;
using System.Text.Json;
using Sutra.Embedder.Http;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.PostProcessing;

namespace Sutra.Embedder.Native;

/// <summary><c>/similarity</c>: cosines of one sentence with others.</summary>
internal sealed class SimilarityHandler(EmbeddingPipeline pipeline)
{
    public async Task HandleAsync(HttpContext context)
    {
        var call = await RequestBody.ReadAsync(context, static body => Read(body));
        var answer = await pipeline.EmbedAsync(call, context.RequestAborted);
        for (var i = 0; i < answer.Items.Count; i++)
        {
            if (!answer.Items[i].IsEmbedded)
            {
                throw Refusals.ForItem(answer.Items[i].Failure, i == 0 ? "source_sentence" : "sentences", i == 0 ? "source_sentence" : $"sentences[{i - 1}]");
            }
        }

        context.Response.WriteHeaders(answer);
        using var writer = new JsonResponse(context.Response, context.RequestAborted);
        writer.Json.WriteStartArray();
        for (var i = 1; i < answer.Items.Count; i++)
        {
            // Both have unit length.
            writer.Json.WriteNumberValue(TensorPrimitives.Dot(answer.Items[0].Values.Span, answer.Items[i].Values.Span));
        }

        writer.Json.WriteEndArray();
        await writer.FinishAsync();
    }

    /// <summary><c>{source_sentence, sentences}</c>, by itself or under <c>inputs</c>, options then under <c>parameters</c>.</summary>
    private static EmbeddingCall Read(JsonElement body)
    {
        var outer = new JsonFields(body);
        var sentences = Nested(outer, "inputs") ?? outer;
        var call = (Nested(outer, "parameters") ?? outer).ReadCall();
        if (call.Type != VectorType.Float32)
        {
            throw new RefusalException("Cosines are made of floats: leave the type out.", "embedding_type");
        }

        var sourceName = sentences.TryGet("source_sentence", out _) ? "source_sentence" : "source";
        var source = sentences.Text(sourceName) switch
        {
            null => throw new RefusalException("source_sentence is missing: a text.", "source_sentence"),
            "" => throw new RefusalException("source_sentence is empty.", "source_sentence", "empty_text"),
            var text => text,
        };
        if (sentences.TryGet("sentences", out var list) && list.ValueKind == JsonValueKind.String)
        {
            throw new RefusalException("sentences must be a list of texts.", "sentences");
        }

        var others = TextInputs.Read(sentences, "sentences", EmbedderOptions.MaxTextsPerRequest - 1, failsAlone: false).Texts
            ?? throw new RefusalException("sentences must be a list of texts.", "sentences");
        return call with { Model = outer.Text("model") ?? call.Model, Texts = [source, .. others] };
    }

    private static JsonFields? Nested(JsonFields fields, string name)
    {
        if (!fields.TryGet(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object ? new JsonFields(value) : throw new RefusalException($"{name} must be an object.", name);
    }
}
