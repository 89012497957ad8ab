using System.Runtime.InteropServices;
using System.Text.Json;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.PostProcessing;

namespace Sutra.Embedder.Http;

/// <summary>Writes vectors and what is told beside them.</summary>
internal static class ItemWriter
{
    /// <summary>The members of one text's object that follow whatever names it: <c>embedding</c>, <c>tokens</c>, <c>truncated</c>, <c>error</c>.</summary>
    public static void WriteItem(this Utf8JsonWriter json, in EmbeddedText item, VectorType type, bool base64, bool unreadable = false)
    {
        if (item.IsEmbedded && !unreadable)
        {
            json.WritePropertyName("embedding"u8);
            json.WriteVector(item, type, base64);
        }
        else
        {
            json.WriteNull("embedding"u8);
        }

        json.WriteNumber("tokens"u8, item.TokenCount);
        json.WriteBoolean("truncated"u8, item.Truncated);
        if (unreadable)
        {
            json.WriteError("The text is not valid Unicode.", "invalid_unicode");
        }
        else if (!item.IsEmbedded)
        {
            json.WriteError($"The text {item.Failure.Reason()}", item.Failure.Code());
        }
    }

    public static void WriteError(this Utf8JsonWriter json, string message, string? code)
    {
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, message);
        json.WriteString("code"u8, code);
        json.WriteEndObject();
    }

    /// <summary>A list of numbers, or, as the official clients of OpenAI ask for and decode, base64 of the components' bytes (float32: little-endian).</summary>
    public static void WriteVector(this Utf8JsonWriter json, in EmbeddedText item, VectorType type, bool base64)
    {
        if (base64)
        {
            json.WriteBase64StringValue(item.Codes ?? MemoryMarshal.AsBytes(item.Values.Span));
            return;
        }

        if (item.Codes is not { } codes)
        {
            json.WriteFloats(item.Values.Span);
            return;
        }

        json.WriteStartArray();
        if (type is VectorType.Int8 or VectorType.Binary)
        {
            foreach (var code in codes)
            {
                json.WriteNumberValue(unchecked((sbyte)code));
            }
        }
        else
        {
            foreach (var code in codes)
            {
                json.WriteNumberValue((uint)code);
            }
        }

        json.WriteEndArray();
    }

    /// <summary>The shortest digits that read back as the same floats.</summary>
    public static void WriteFloats(this Utf8JsonWriter json, ReadOnlySpan<float> values)
    {
        json.WriteStartArray();
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
