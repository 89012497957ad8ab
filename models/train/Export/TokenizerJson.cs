using System.Text.Encodings.Web;
using System.Text.Json;
using Sutra.Models.Train.Vocabulary;

namespace Sutra.Models.Train.Export;

/// <summary>The vocabulary as a Hugging Face <c>tokenizer.json</c>: the rules of <see cref="WordSplitter"/> and WordPiece, no special pieces added.</summary>
public static class TokenizerJson
{
    public static byte[] Write(PieceVocabulary vocabulary)
    {
        using var buffer = new MemoryStream();

        // Piece per line: a new vocabulary shows as a diff that can be read.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAddedTokens(json);
            json.WriteStartObject("normalizer");
            json.WriteString("type", "BertNormalizer");
            json.WriteBoolean("clean_text", true);
            json.WriteBoolean("handle_chinese_chars", true);
            json.WriteBoolean("strip_accents", true);
            json.WriteBoolean("lowercase", true);
            json.WriteEndObject();
            json.WriteStartObject("pre_tokenizer");
            json.WriteString("type", "BertPreTokenizer");
            json.WriteEndObject();
            json.WriteNull("post_processor");
            json.WriteStartObject("decoder");
            json.WriteString("type", "WordPiece");
            json.WriteString("prefix", PieceVocabulary.ContinuationPrefix);
            json.WriteBoolean("cleanup", true);
            json.WriteEndObject();
            WriteModel(json, vocabulary);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void WriteAddedTokens(Utf8JsonWriter json)
    {
        json.WriteStartArray("added_tokens");
        foreach (var (id, content) in new[] { (PieceVocabulary.PaddingId, PieceVocabulary.Padding), (PieceVocabulary.UnknownId, PieceVocabulary.Unknown) })
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", content);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteModel(Utf8JsonWriter json, PieceVocabulary vocabulary)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", PieceVocabulary.Unknown);
        json.WriteString("continuing_subword_prefix", PieceVocabulary.ContinuationPrefix);
        json.WriteNumber("max_input_chars_per_word", PieceVocabulary.MaximumWordLength);
        json.WriteStartObject("vocab");
        for (var id = 0; id < vocabulary.Count; id++)
        {
            json.WriteNumber(vocabulary.Pieces[id], id);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
