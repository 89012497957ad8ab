using System.Text.Json;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.OpenAi;

/// <summary>The body of <c>POST /v1/embeddings</c>, checked. Exactly one of <see cref="Texts"/> and <see cref="Tokens"/> is there.</summary>
internal sealed record EmbeddingsRequest(IReadOnlyList<string>? Texts, IReadOnlyList<int[]>? Tokens, bool Base64)
{
    /// <summary>Reads and checks the body; an <see cref="OpenAiException"/> names the field that is wrong.</summary>
    public static EmbeddingsRequest Read(JsonElement body, EmbeddingEngine engine)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new OpenAiException("The body must be a JSON object.", null);
        }

        CheckModel(Text(body, "model"), engine);
        var base64 = Text(body, "encoding_format") switch
        {
            null or "float" => false,
            "base64" => true,
            _ => throw new OpenAiException("encoding_format must be 'float' or 'base64'.", "encoding_format"),
        };
        CheckDimensions(body, engine);
        Text(body, "user");

        if (!body.TryGetProperty("input", out var input) || input.ValueKind == JsonValueKind.Null)
        {
            throw new OpenAiException("input is missing: a text, a list of texts, or lists of token ids.", "input");
        }

        return input.ValueKind switch
        {
            JsonValueKind.String => new EmbeddingsRequest([ReadText(input, 0)], null, base64),
            JsonValueKind.Array => ReadList(input, engine.VocabularySize, base64),
            _ => throw new OpenAiException("input must be a text, a list of texts, or lists of token ids.", "input"),
        };
    }

    private static EmbeddingsRequest ReadList(JsonElement input, int vocabularySize, bool base64)
    {
        var count = input.GetArrayLength();
        if (count == 0)
        {
            throw new OpenAiException("input is an empty list.", "input");
        }

        var first = input[0].ValueKind;
        if (first == JsonValueKind.Number)
        {
            return new EmbeddingsRequest(null, [ReadTokens(input, 0, vocabularySize)], base64);
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
                tokens![index] = ReadTokens(entry, index, vocabularySize);
            }

            index++;
        }

        return new EmbeddingsRequest(texts, tokens, base64);
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

    private static int[] ReadTokens(JsonElement list, int index, int vocabularySize)
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

            // Ids of another tokenizer (tiktoken's go up to 200,000) would give a vector without meaning.
            if (id < 0 || id >= vocabularySize)
            {
                throw new OpenAiException(
                    $"input[{index}][{i}] is not a token id of this model, whose ids are below {vocabularySize}; send text instead "
                    + "(with LangChain: check_embedding_ctx_length=False).",
                    "input");
            }

            tokens[i++] = id;
        }

        return tokens;
    }

    private static void CheckModel(string? model, EmbeddingEngine engine)
    {
        if (model is null)
        {
            throw new OpenAiException($"model is missing; this embedder serves '{engine.Model.Name}'.", "model");
        }

        if (!engine.Model.Answers(model))
        {
            throw new OpenAiException(
                StatusCodes.Status404NotFound,
                OpenAiException.InvalidRequest,
                $"The model does not exist; this embedder serves '{engine.Model.Name}'.",
                "model",
                "model_not_found");
        }
    }

    private static void CheckDimensions(JsonElement body, EmbeddingEngine engine)
    {
        if (!body.TryGetProperty("dimensions", out var dimensions) || dimensions.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (dimensions.ValueKind != JsonValueKind.Number || !dimensions.TryGetInt32(out var wanted) || wanted != engine.Dimensions)
        {
            throw new OpenAiException($"dimensions must be {engine.Dimensions} for this model, or be left out.", "dimensions");
        }
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
