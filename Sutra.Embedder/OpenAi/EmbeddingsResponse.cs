using System.Text.Json;
using Sutra.Embedder.Http;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.OpenAi;

/// <summary>Writes answers in OpenAI's shape straight into the response, vector by vector.</summary>
internal static class EmbeddingsResponse
{
    public static async Task WriteAsync(HttpResponse response, EmbeddingAnswer answer, EmbeddingsRequest request, CancellationToken cancellation)
    {
        if (!request.FailsAlone)
        {
            ThrowIfFailed(answer);
        }

        response.WriteHeaders(answer);
        using var writer = new JsonResponse(response, cancellation);
        var json = writer.Json;
        WriteStart(json);
        for (var i = 0; i < answer.Items.Count; i++)
        {
            WriteItem(json, answer, request, i, i);
            await writer.FlushIfLargeAsync();
        }

        WriteEnd(json, answer.Model.Name, answer.Tokens);
        await writer.FinishAsync();
    }

    public static void WriteStart(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
    }

    /// <param name="item">Place in <paramref name="answer"/>.</param>
    /// <param name="index">Place among all texts of the request.</param>
    public static void WriteItem(Utf8JsonWriter json, EmbeddingAnswer answer, EmbeddingsRequest request, int item, int index)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "embedding"u8);
        json.WriteNumber("index"u8, index);
        json.WriteItem(answer.Items[item], answer.Type, request.Base64, request.Inputs.Unreadable?.Contains(index) == true);
        json.WriteEndObject();
    }

    public static void WriteEnd(Utf8JsonWriter json, string model, long tokens)
    {
        json.WriteEndArray();
        json.WriteString("model"u8, model);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, tokens);
        json.WriteNumber("total_tokens"u8, tokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void ThrowIfFailed(EmbeddingAnswer answer)
    {
        for (var i = 0; i < answer.Items.Count; i++)
        {
            if (!answer.Items[i].IsEmbedded)
            {
                throw Refusals.ForItem(answer.Items[i].Failure, "input", $"input[{i}]");
            }
        }
    }
}
