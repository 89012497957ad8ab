using System.Text.Json;
using Sutra.Embedder.Tokenization.Vocabularies;

namespace Sutra.Embedder.Tokenization.Files;

/// <summary>Reads <c>added_tokens</c>.</summary>
internal static class AddedTokensReader
{
    /// <exception cref="FormatException">A token is incomplete, is there twice, or has another id than the reference would give it.</exception>
    public static List<AddedToken> Read(JsonElement root, TokenModel model)
    {
        var tokens = new List<AddedToken>();
        if (!root.TryGetProperty("added_tokens", out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return tokens;
        }

        var contents = new HashSet<string>(StringComparer.Ordinal);
        // The reference does not go by the ids of the file: a token of the vocabulary keeps its id, others follow behind.
        var next = model.Count;
        foreach (var json in root.List("added_tokens").EnumerateArray())
        {
            var token = ReadToken(json);
            if (!contents.Add(token.Content))
            {
                throw new FormatException($"its added token {token.Content} is there twice.");
            }

            var id = model.TryGetId(token.Content, out var known) ? known : next++;
            tokens.Add(token.Id == id
                ? token
                : throw new FormatException($"its added token {token.Content} has the id {token.Id}, but the vocabulary makes that {id}."));
        }

        return tokens;
    }

    private static AddedToken ReadToken(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || json.OptionalText("content") is not { Length: > 0 } content || json.OptionalCount("id") is not { } id)
        {
            throw new FormatException("an added token has no content or no id.");
        }

        return new AddedToken(
            content,
            id,
            json.OptionalFlag("single_word") ?? false,
            json.OptionalFlag("lstrip") ?? false,
            json.OptionalFlag("rstrip") ?? false,
            json.OptionalFlag("normalized") ?? true,
            json.OptionalFlag("special") ?? false);
    }
}
