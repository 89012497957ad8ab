using System.Text;
using System.Text.Json;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Tokenization;

/// <summary>
/// Reads a Hugging Face <c>tokenizer.json</c>: WordPiece with a BertNormalizer (or none), a BertPreTokenizer, and
/// TemplateProcessing or BertProcessing (or none). What it does not understand is refused, never guessed.
/// </summary>
internal static class TokenizerFile
{
    public static TextTokenizer Load(string path)
    {
        try
        {
            using var file = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(file.RootElement);
        }
        catch (JsonException e)
        {
            throw new ModelException($"'{path}' is not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"'{path}' cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ModelException($"'{path}' is not a tokenizer that can be served: {e.Message}", e);
        }
    }

    private static TextTokenizer Read(JsonElement root)
    {
        var model = Object(root, "model") ?? throw new FormatException("it has no model.");
        var type = String(model, "type") ?? "WordPiece";
        if (type != "WordPiece")
        {
            throw new FormatException($"its model is {type}; only WordPiece is supported.");
        }

        if (Object(root, "pre_tokenizer") is not { } splitter || String(splitter, "type") != "BertPreTokenizer")
        {
            throw new FormatException("its pre_tokenizer is not a BertPreTokenizer.");
        }

        var pieces = ReadVocabulary(model);
        var unknown = String(model, "unk_token") ?? "[UNK]";
        if (!pieces.ContainsKey(unknown))
        {
            throw new FormatException($"its vocabulary lacks the unknown token {unknown}.");
        }

        var maxCharacters = model.TryGetProperty("max_input_chars_per_word", out var max) ? max.GetInt32() : 100;
        if (maxCharacters is < 1 or > 65536)
        {
            throw new FormatException($"max_input_chars_per_word is {maxCharacters}.");
        }

        var added = ReadAddedTokens(root);
        var continuing = String(model, "continuing_subword_prefix") ?? "##";
        var vocabulary = new WordPieceVocabulary(pieces, unknown, continuing, maxCharacters);
        var (prefix, suffix) = ReadPostProcessor(root);
        var names = new string?[1 + pieces.Values.Concat(added.Select(token => token.Id)).Concat(prefix).Concat(suffix).Max()];
        foreach (var (piece, id) in pieces)
        {
            names[id] = piece;
        }

        foreach (var token in added)
        {
            names[token.Id] = token.Content;
        }

        var normalizer = ReadNormalizer(root);
        var (find, frame) = (new AddedTokens(added), new SpecialFrame(prefix, suffix));
        var special = added.Where(token => token.Special).Select(token => token.Id).ToHashSet();
        var detail = new WordPieceDetail(normalizer, vocabulary, find, frame, names, special, continuing);
        return new WordPieceTokenizer(normalizer, vocabulary, find, frame, detail);
    }

    private static Dictionary<string, int> ReadVocabulary(JsonElement model)
    {
        var vocabulary = Object(model, "vocab") ?? throw new FormatException("its model has no vocab.");
        var pieces = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var piece in vocabulary.EnumerateObject())
        {
            pieces[piece.Name] = piece.Value.ValueKind == JsonValueKind.Number && piece.Value.TryGetInt32(out var id) && id >= 0
                ? id
                : throw new FormatException($"the id of a piece of its vocabulary is {piece.Value.GetRawText()}.");
        }

        return pieces;
    }

    private static BertNormalizerSettings ReadNormalizer(JsonElement root)
    {
        if (Object(root, "normalizer") is not { } normalizer)
        {
            return BertNormalizerSettings.None;
        }

        var type = String(normalizer, "type");
        if (type != "BertNormalizer")
        {
            throw new FormatException($"its normalizer is {type}; only BertNormalizer is supported.");
        }

        var lowercase = Bool(normalizer, "lowercase") ?? true;
        var settings = new BertNormalizerSettings(
            Bool(normalizer, "clean_text") ?? true,
            Bool(normalizer, "handle_chinese_chars") ?? true,
            // Not said: accents go where capitals go.
            Bool(normalizer, "strip_accents") ?? lowercase,
            lowercase);

        // Without ICU .NET leaves accents where they are and says nothing: vectors would be wrong, silently.
        return settings.StripAccents && "\u00E9".Normalize(NormalizationForm.FormD).Length == 1
            ? throw new FormatException("it strips accents, for which this process lacks ICU (DOTNET_SYSTEM_GLOBALIZATION_INVARIANT must be 0 and libicu be installed).")
            : settings;
    }

    private static List<AddedToken> ReadAddedTokens(JsonElement root)
    {
        var tokens = new List<AddedToken>();
        if (!root.TryGetProperty("added_tokens", out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return tokens;
        }

        foreach (var token in list.EnumerateArray())
        {
            var content = String(token, "content");
            if (string.IsNullOrEmpty(content) || !token.TryGetProperty("id", out var id) || id.GetInt32() < 0)
            {
                throw new FormatException("an added token has no content or no id.");
            }

            if (Bool(token, "normalized") == true)
            {
                throw new FormatException($"its added token {content} is looked for in normalised text, which is not supported.");
            }

            tokens.Add(new AddedToken(content, id.GetInt32(), Bool(token, "single_word") ?? false, Bool(token, "special") ?? false));
        }

        return tokens;
    }

    private static (int[] Prefix, int[] Suffix) ReadPostProcessor(JsonElement root)
    {
        if (Object(root, "post_processor") is not { } processor)
        {
            return ([], []);
        }

        return String(processor, "type") switch
        {
            "TemplateProcessing" => ReadTemplate(processor),
            "BertProcessing" => ([processor.GetProperty("cls")[1].GetInt32()], [processor.GetProperty("sep")[1].GetInt32()]),
            var type => throw new FormatException($"its post_processor is {type}; only TemplateProcessing and BertProcessing are supported."),
        };
    }

    private static (int[] Prefix, int[] Suffix) ReadTemplate(JsonElement processor)
    {
        List<int> prefix = [], suffix = [];
        var seen = false;
        foreach (var step in processor.GetProperty("single").EnumerateArray())
        {
            if (Object(step, "Sequence") is { } sequence)
            {
                if (seen)
                {
                    throw new FormatException("its template for one text names the text twice.");
                }

                NoType(sequence);
                seen = true;
                continue;
            }

            var special = step.GetProperty("SpecialToken");
            NoType(special);
            var ids = processor.GetProperty("special_tokens").GetProperty(String(special, "id") ?? "").GetProperty("ids");
            (seen ? suffix : prefix).AddRange(ids.EnumerateArray().Select(id => id.GetInt32()));
        }

        if (!seen || prefix.Concat(suffix).Any(id => id < 0))
        {
            throw new FormatException("its template for one text does not name the text, or has a negative id.");
        }

        return ([.. prefix], [.. suffix]);

        static void NoType(JsonElement step)
        {
            if (step.TryGetProperty("type_id", out var type) && type.GetInt32() != 0)
            {
                throw new FormatException("its template for one text uses a token type other than 0.");
            }
        }
    }

    private static JsonElement? Object(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static string? String(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool? Bool(JsonElement parent, string name) => !parent.TryGetProperty(name, out var value)
        ? null
        : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null => null,
            _ => throw new FormatException($"{name} is {value.GetRawText()}; it must be true or false."),
        };
}
