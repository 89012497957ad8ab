using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sutra.Embedder.Inference;

namespace Sutra.Embedder.OpenAi;

/// <summary>Writes the answer of <c>POST /v1/embeddings</c> straight into the response, vector by vector.</summary>
internal static class EmbeddingsResponse
{
    private const int FlushBytes = 64 << 10;

    public static async Task WriteAsync(HttpResponse response, IReadOnlyList<TextEmbedding> embeddings, string model, bool base64, CancellationToken cancellation)
    {
        response.ContentType = "application/json";
        long tokens = 0;
        var truncated = 0;
        foreach (var embedding in embeddings)
        {
            tokens += embedding.TokenCount;
            truncated += embedding.Truncated ? 1 : 0;
        }

        if (truncated > 0)
        {
            response.Headers["x-truncated-inputs"] = truncated.ToString(CultureInfo.InvariantCulture);
        }

        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var i = 0; i < embeddings.Count; i++)
        {
            Write(json, embeddings[i].Values, i, base64);
            if (json.BytesPending > FlushBytes)
            {
                await json.FlushAsync(cancellation);
                await response.BodyWriter.FlushAsync(cancellation);
            }
        }

        json.WriteEndArray();
        json.WriteString("model"u8, model);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, tokens);
        json.WriteNumber("total_tokens"u8, tokens);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
    }

    private static void Write(Utf8JsonWriter json, float[] vector, int index, bool base64)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "embedding"u8);
        json.WriteNumber("index"u8, index);
        if (base64)
        {
            // Little-endian float32, as the official clients ask for and decode.
            json.WriteBase64String("embedding"u8, MemoryMarshal.AsBytes<float>(vector));
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
