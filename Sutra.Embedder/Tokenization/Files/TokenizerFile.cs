using System.Text.Json;
using Sutra.Embedder.Models;
using Sutra.Embedder.Tokenization.Normalization;
using Sutra.Embedder.Tokenization.Vocabularies;

namespace Sutra.Embedder.Tokenization.Files;

/// <summary>Reads a Hugging Face <c>tokenizer.json</c>. What it does not understand is refused, never guessed.</summary>
internal static class TokenizerFile
{
    /// <summary>Ids lie below this; larger ones are a mistake, and would only take memory.</summary>
    private const int MostIds = 1 << 24;

    /// <exception cref="ModelException">Names what is wrong with the file.</exception>
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
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw new ModelException($"'{path}' is not a tokenizer that can be served: {e.Message}", e);
        }
    }

    private static TextTokenizer Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("it is not an object.");
        }

        if (root.OptionalText("version") is { } version && version != "1.0")
        {
            throw new FormatException($"its version is {version}; only 1.0 is known.");
        }

        var modelJson = root.OptionalObject("model") ?? throw new FormatException("it has no model.");
        var model = ModelReader.Read(modelJson);
        var added = AddedTokensReader.Read(root, model);
        var (frame, trims) = PostProcessorReader.Read(root.OptionalObject("post_processor"));
        var parts = new TokenizerParts(
            NormalizerReader.Read(root.OptionalObject("normalizer")),
            SplitterReader.Read(root.OptionalObject("pre_tokenizer")),
            model,
            frame,
            DecoderReader.Read(root.OptionalObject("decoder")),
            added,
            Names(model, added, frame.Prefix.Concat(frame.Suffix)),
            trims);
        var general = new PipelineTokenizer(parts);
        return Fused(root, modelJson, parts, general) ?? (TextTokenizer)general;
    }

    /// <summary>The one-pass tokenizer, for the files it can stand for.</summary>
    private static WordPieceTokenizer? Fused(JsonElement root, JsonElement model, TokenizerParts parts, PipelineTokenizer general)
    {
        var normalizer = root.OptionalObject("normalizer");
        if (parts.Model is not WordPieceModel
            || root.OptionalObject("pre_tokenizer")?.Type("pre_tokenizer") != "BertPreTokenizer"
            || (normalizer is { } bert && bert.Type("normalizer") != "BertNormalizer")
            || parts.AddedTokens.Any(token => token.Normalized))
        {
            return null;
        }

        var settings = normalizer is { } json ? NormalizerReader.ReadBert(json) : BertNormalizerSettings.None;
        return new WordPieceTokenizer(
            settings,
            ModelReader.ReadWordPiece(model, ModelReader.ReadVocabulary(model)),
            new AddedTokens(parts.AddedTokens.Select(token => (token.Content, token))),
            parts.Frame,
            general);
    }

    private static string?[] Names(TokenModel model, IReadOnlyList<AddedToken> added, IEnumerable<int> templates)
    {
        var size = 1L + model.Entries.Select(entry => entry.Value).Concat(added.Select(token => token.Id)).Concat(templates).DefaultIfEmpty(-1).Max();
        if (size > MostIds)
        {
            throw new FormatException($"it has the id {size - 1}; ids must be below {MostIds}.");
        }

        var names = new string?[size];
        foreach (var (token, id) in model.Entries)
        {
            names[id] = token;
        }

        foreach (var token in added)
        {
            names[token.Id] = token.Content;
        }

        return names;
    }
}
