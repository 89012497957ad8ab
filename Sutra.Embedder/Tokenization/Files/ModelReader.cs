using System.Text.Json;
using Sutra.Embedder.Tokenization.Vocabularies;

namespace Sutra.Embedder.Tokenization.Files;

/// <summary>Reads <c>model</c>.</summary>
internal static class ModelReader
{
    public static TokenModel Read(JsonElement model)
    {
        // Files of old do not say.
        var type = model.OptionalText("type") ?? (model.TryGetProperty("merges", out _) ? "BPE" : "WordPiece");
        switch (type)
        {
            case "WordPiece":
                var pieces = ReadVocabulary(model);
                return new WordPieceModel(pieces, ReadWordPiece(model, pieces));
            case "WordLevel":
                var words = ReadVocabulary(model);
                return new WordLevelModel(words, Known(words, model.Text("unk_token")));
            case "BPE":
                return ReadBpe(model);
            case "Unigram":
                return ReadUnigram(model);
            default:
                throw new FormatException($"its model is {type}, which is not supported.");
        }
    }

    public static Dictionary<string, int> ReadVocabulary(JsonElement model)
    {
        var vocabulary = model.OptionalObject("vocab") ?? throw new FormatException("its model has no vocab.");
        var pieces = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = new HashSet<int>();
        foreach (var piece in vocabulary.EnumerateObject())
        {
            var id = TokenizerFields.CountOf(piece.Value, "the id of a piece of its vocabulary");
            if (!pieces.TryAdd(piece.Name, id) || !ids.Add(id))
            {
                throw new FormatException($"its vocabulary has '{piece.Name}', or its id {id}, twice.");
            }
        }

        return pieces;
    }

    public static WordPieceVocabulary ReadWordPiece(JsonElement model, Dictionary<string, int> pieces)
    {
        var unknown = model.OptionalText("unk_token") ?? "[UNK]";
        Known(pieces, unknown);
        var maxCharacters = model.OptionalCount("max_input_chars_per_word") ?? 100;
        return maxCharacters is < 1 or > 65536
            ? throw new FormatException($"max_input_chars_per_word is {maxCharacters}.")
            : new WordPieceVocabulary(pieces, unknown, model.OptionalText("continuing_subword_prefix") ?? "##", maxCharacters);
    }

    private static BpeModel ReadBpe(JsonElement model)
    {
        if (model.TryGetProperty("dropout", out var dropout) && dropout.ValueKind != JsonValueKind.Null
            && !(dropout.ValueKind == JsonValueKind.Number && dropout.TryGetDouble(out var rate) && rate == 0))
        {
            throw new FormatException("its model has a dropout: every text would be read another way each time.");
        }

        return new BpeModel(
            ReadVocabulary(model),
            [.. model.List("merges").EnumerateArray().Select(ReadMerge)],
            new BpeSettings(
                model.OptionalText("unk_token"),
                model.OptionalText("continuing_subword_prefix"),
                model.OptionalText("end_of_word_suffix"),
                model.OptionalFlag("fuse_unk") ?? false,
                model.OptionalFlag("byte_fallback") ?? false,
                model.OptionalFlag("ignore_merges") ?? false));
    }

    // Of old "a b", now ["a", "b"].
    private static (string Left, string Right) ReadMerge(JsonElement merge, int index)
    {
        if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2
            && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String)
        {
            return (TokenizerFields.TextOf(merge[0], "a merge"), TokenizerFields.TextOf(merge[1], "a merge"));
        }

        var parts = merge.ValueKind == JsonValueKind.String ? TokenizerFields.TextOf(merge, "a merge").Split(' ') : [];
        return parts.Length == 2 ? (parts[0], parts[1]) : throw new FormatException($"its merge {index + 1} is not two tokens.");
    }

    private static UnigramModel ReadUnigram(JsonElement model)
    {
        var entries = new List<(string Token, double Score)>();
        foreach (var entry in model.List("vocab").EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2
                || entry[0].ValueKind != JsonValueKind.String || entry[1].ValueKind != JsonValueKind.Number)
            {
                throw new FormatException($"entry {entries.Count} of its vocabulary is not a token and its score.");
            }

            var score = JsonScore.Parse(entry[1].GetRawText());
            entries.Add((TokenizerFields.TextOf(entry[0], "a token of its vocabulary"), double.IsFinite(score)
                ? score
                : throw new FormatException($"the score of entry {entries.Count} of its vocabulary is out of range.")));
        }

        var unknown = model.OptionalCount("unk_id") ?? throw new FormatException("its Unigram model has no unk_id, so that some texts could not be read.");
        return unknown < entries.Count
            ? new UnigramModel(entries, unknown, model.OptionalFlag("byte_fallback") ?? false)
            : throw new FormatException($"its unk_id is {unknown}, but its vocabulary ends before that.");
    }

    private static int Known(Dictionary<string, int> vocabulary, string unknown) =>
        vocabulary.TryGetValue(unknown, out var id) ? id : throw new FormatException($"its vocabulary lacks the unknown token {unknown}.");
}
