using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.OpenAi;

/// <summary>Writes the answer of <c>POST /v1/embeddings</c> straight into the response, vector by vector.</summary>
internal static class EmbeddingsResponse
{
    private const int FlushBytes = 64 << 10;

    public static async Task WriteAsync(HttpResponse response, EmbeddingAnswer answer, bool base64, CancellationToken cancellation)
    {
        response.ContentType = "application/json";
        for (var i = 0; i < answer.Items.Count; i++)
        {
            if (!answer.Items[i].IsEmbedded)
            {
                throw new OpenAiException($"input[{i}] has nothing in it that the model knows.", "input");
            }
        }

        if (answer.Truncated > 0)
        {
            response.Headers["x-truncated-inputs"] = answer.Truncated.ToString(CultureInfo.InvariantCulture);
        }

        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var i = 0; i < answer.Items.Count; i++)
        {
            Write(json, answer.Items[i].Values.Span, i, base64);
            if (json.BytesPending > FlushBytes)
            {
                await json.FlushAsync(cancellation);
                await response.BodyWriter.FlushAsync(cancellation);
            }
        }

        json.WriteEndArray();
        json.WriteString("model"u8, answer.Model.Name);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, answer.Tokens);
        json.WriteNumber("total_tokens"u8, answer.Tokens);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<float> vector, int index, bool base64)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "embedding"u8);
        json.WriteNumber("index"u8, index);
        if (base64)
        {
            // Little-endian float32, as the official clients ask for and decode.
            json.WriteBase64String("embedding"u8, MemoryMarshal.AsBytes(vector));
        }
        else
        {
            json.WriteStartArray("embedding"u8);
            foreach (var value in vector)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
