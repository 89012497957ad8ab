using System.Text.Json;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.OpenAi;

/// <summary>The body of <c>POST /v1/embeddings</c>, checked. Exactly one of <see cref="Texts"/> and <see cref="Tokens"/> is there.</summary>
internal sealed record EmbeddingsRequest(string Model, int? Dimensions, IReadOnlyList<string>? Texts, IReadOnlyList<int[]>? Tokens, bool Base64)
{
    /// <summary>Reads and checks the body; an <see cref="OpenAiException"/> names the field that is wrong.</summary>
    public static EmbeddingsRequest Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new OpenAiException("The body must be a JSON object.", null);
        }

        var model = Text(body, "model") ?? throw new OpenAiException("model is missing: the name of a model, see /v1/models.", "model");
        var base64 = Text(body, "encoding_format") switch
        {
            null or "float" => false,
            "base64" => true,
            _ => throw new OpenAiException("encoding_format must be 'float' or 'base64'.", "encoding_format"),
        };
        var dimensions = ReadDimensions(body);
        Text(body, "user");

        if (!body.TryGetProperty("input", out var input) || input.ValueKind == JsonValueKind.Null)
        {
            throw new OpenAiException("input is missing: a text, a list of texts, or lists of token ids.", "input");
        }

        return input.ValueKind switch
        {
            JsonValueKind.String => new EmbeddingsRequest(model, dimensions, [ReadText(input, 0)], null, base64),
            JsonValueKind.Array => new EmbeddingsRequest(model, dimensions, null, null, base64).WithList(input),
            _ => throw new OpenAiException("input must be a text, a list of texts, or lists of token ids.", "input"),
        };
    }

    private EmbeddingsRequest WithList(JsonElement input)
    {
        var count = input.GetArrayLength();
        if (count == 0)
        {
            throw new OpenAiException("input is an empty list.", "input");
        }

        var first = input[0].ValueKind;
        if (first == JsonValueKind.Number)
        {
            return this with { Tokens = [ReadTokens(input, 0)] };
        }

        if (count > EmbedderOptions.MaxTextsPerRequest)
        {
            throw new OpenAiException($"input has {count} entries; the most is {EmbedderOptions.MaxTextsPerRequest}.", "input");
        }

        var texts = first == JsonValueKind.String ? new string[count] : null;
        var tokens = first == JsonValueKind.Array ? new int[count][] : null;
        if (texts is null && tokens is null)
        {
            throw new OpenAiException("input[0] must be a text or a list of token ids.", "input");
        }

        var index = 0;
        foreach (var entry in input.EnumerateArray())
        {
            if (entry.ValueKind != first)
            {
                throw new OpenAiException($"input[{index}] is not of the same kind as input[0].", "input");
            }

            if (texts is not null)
            {
                texts[index] = ReadText(entry, index);
            }
            else
            {
                tokens![index] = ReadTokens(entry, index);
            }

            index++;
        }

        return this with { Texts = texts, Tokens = tokens };
    }

    private static string ReadText(JsonElement entry, int index)
    {
        string text;
        try
        {
            text = entry.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new OpenAiException($"input[{index}] is not valid Unicode.", "input");
        }

        return text.Length > 0 ? text : throw new OpenAiException($"input[{index}] is empty.", "input");
    }

    private static int[] ReadTokens(JsonElement list, int index)
    {
        var tokens = new int[list.GetArrayLength()];
        if (tokens.Length == 0)
        {
            throw new OpenAiException($"input[{index}] is an empty list.", "input");
        }

        var i = 0;
        foreach (var entry in list.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Number || !entry.TryGetInt32(out var id))
            {
                throw new OpenAiException($"input[{index}] must hold token ids only, which are whole numbers.", "input");
            }

            tokens[i++] = id;
        }

        return tokens;
    }

    private static int? ReadDimensions(JsonElement body)
    {
        if (!body.TryGetProperty("dimensions", out var dimensions) || dimensions.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return dimensions.ValueKind == JsonValueKind.Number && dimensions.TryGetInt32(out var wanted) && wanted > 0
            ? wanted
            : throw new OpenAiException("dimensions must be a whole number above 0.", "dimensions");
    }

    private static string? Text(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        try
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                return value.GetString();
            }
        }
        catch (InvalidOperationException)
        {
            // Not Unicode.
        }

        throw new OpenAiException($"{name} must be a string.", name);
    }
}
