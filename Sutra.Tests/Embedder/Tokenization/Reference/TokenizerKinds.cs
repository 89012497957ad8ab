using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Tests.Embedder.Tokenization.Reference;

/// <summary>Files like those that published models come with, their vocabularies trained here.</summary>
internal static class TokenizerKinds
{
    private const string Gpt2Words = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Llama3Words =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string QwenWords = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static IReadOnlyDictionary<string, Func<JsonObject>> All { get; } = new Dictionary<string, Func<JsonObject>>
    {
        ["WordPiece, uncased"] = () => WordPiece(lowercase: true),
        ["WordPiece, cased"] = () => WordPiece(lowercase: false),
        ["WordPiece in parts, added tokens of every sort"] = WordPieceInParts,
        ["GPT-2"] = () => ByteLevelBpe(Parse("""{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}"""), oldMerges: true),
        ["RoBERTa"] = Roberta,
        ["Llama 3"] = () => SplitBpe(Llama3Words, "Removed", invert: true, normalizer: null, ignoreMerges: true),
        ["Qwen 2"] = () => SplitBpe(QwenWords, "Isolated", invert: false, Parse("""{"type": "NFC"}"""), ignoreMerges: false),
        ["A regular expression of its own"] = () => SplitBpe(
            @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t)?|\p{N}{1,2}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+", "Isolated", invert: false, Parse("""{"type": "NFKC"}"""), ignoreMerges: false),
        ["Llama 2"] = () => Llama2(allBytes: true, Parse("""{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}"""), null),
        ["Llama 2, Metaspace, bytes missing"] = () => Llama2(allBytes: false, null, Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}""")),
        ["CLIP"] = Clip,
        ["T5"] = () => Unigram(
            Parse("""{"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]}"""),
            Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}"""),
            byteFallback: true),
        ["XLM-R"] = () => Unigram(
            new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(Precompiled(), Parse("""{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}"""), Parse("""{"type": "Strip", "strip_left": false, "strip_right": true}""")) },
            Parse("""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}]}"""),
            byteFallback: false),
        ["Unigram, unsplit, first"] = () => Unigram(
            Parse("""{"type": "Sequence", "normalizers": [{"type": "Strip", "strip_left": true, "strip_right": false}, {"type": "NFD"}, {"type": "Lowercase"}]}"""),
            Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}"""),
            byteFallback: false),
        ["WordLevel, Whitespace"] = () => WordLevel(
            Parse("""{"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}"""),
            Parse("""{"type": "Sequence", "pretokenizers": [{"type": "Whitespace"}, {"type": "Digits", "individual_digits": false}]}""")),
        ["WordLevel, merged with the next"] = () => WordLevel(
            null,
            Parse("""{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\\s+"}, "behavior": "MergedWithNext", "invert": false}, {"type": "Punctuation", "behavior": "MergedWithPrevious"}, {"type": "Digits", "individual_digits": true}]}""")),
        ["WordLevel, contiguous"] = () => WordLevel(
            null,
            Parse("""{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"String": "a"}, "behavior": "Contiguous", "invert": false}, {"type": "Split", "pattern": {"Regex": "[\\p{L}\\p{M}]+"}, "behavior": "Removed", "invert": true}, {"type": "Punctuation", "behavior": "Contiguous"}]}""")),
    };

    public static JsonObject File(JsonNode? normalizer, JsonNode? splitter, JsonNode? processor, JsonNode? decoder, JsonObject model, JsonArray added) => new()
    {
        ["version"] = "1.0",
        // As in the published all-MiniLM-L6-v2: both must be ignored.
        ["truncation"] = Parse("""{"direction": "Right", "max_length": 128, "strategy": "LongestFirst", "stride": 0}"""),
        ["padding"] = Parse("""{"strategy": {"Fixed": 128}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}"""),
        ["added_tokens"] = added,
        ["normalizer"] = normalizer,
        ["pre_tokenizer"] = splitter,
        ["post_processor"] = processor,
        ["decoder"] = decoder,
        ["model"] = model,
    };

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;

    private static JsonObject Vocabulary(IEnumerable<string> tokens) => new([.. tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))]);

    private static JsonObject Added(int id, string content, bool special = true, bool left = false, bool right = false, bool word = false, bool normalized = false) => new()
    {
        ["id"] = id, ["content"] = content, ["single_word"] = word, ["lstrip"] = left, ["rstrip"] = right, ["normalized"] = normalized, ["special"] = special,
    };

    private static JsonObject Frame(string first, int firstId, string last, int lastId)
    {
        static JsonObject Step(string kind, string id) => new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = 0 } };
        static JsonObject Special(string token, int id) => new() { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) };
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Step("SpecialToken", first), Step("Sequence", "A"), Step("SpecialToken", last)),
            ["pair"] = new JsonArray(Step("Sequence", "A"), Step("Sequence", "B")),
            ["special_tokens"] = new JsonObject { [first] = Special(first, firstId), [last] = Special(last, lastId) },
        };
    }

    private static List<string> Pieces(bool lowercase)
    {
        var pieces = new List<string> { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };
        var parts = TrainedVocabularies.Unigram(4000).Select(part => part.Token.TrimStart('▁')).Where(part => part.Length > 0);
        pieces.AddRange(parts.Select(part => lowercase ? part.ToLowerInvariant() : part).SelectMany(part => new[] { part, "##" + part }));
        return [.. pieces.Distinct()];
    }

    private static JsonObject PieceModel(List<string> pieces) => new()
    {
        ["type"] = "WordPiece", ["unk_token"] = "[UNK]", ["continuing_subword_prefix"] = "##", ["max_input_chars_per_word"] = 100, ["vocab"] = Vocabulary(pieces),
    };

    private static JsonObject WordPiece(bool lowercase) => File(
        new JsonObject { ["type"] = "BertNormalizer", ["clean_text"] = true, ["handle_chinese_chars"] = true, ["strip_accents"] = null, ["lowercase"] = lowercase },
        Parse("""{"type": "BertPreTokenizer"}"""),
        Frame("[CLS]", 2, "[SEP]", 3),
        Parse("""{"type": "WordPiece", "prefix": "##", "cleanup": true}"""),
        PieceModel(Pieces(lowercase)),
        [.. new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" }.Select((token, id) => Added(id, token))]);

    private static JsonObject WordPieceInParts()
    {
        var file = WordPiece(lowercase: true);
        var pieces = Pieces(lowercase: true).Count;
        var added = file["added_tokens"]!.AsArray();
        added.Add(Added(pieces, "Memory", special: false, normalized: true));
        added.Add(Added(pieces + 1, "CAFÉ", special: false, normalized: true, word: true));
        added.Add(Added(pieces + 2, "<left>", left: true));
        added.Add(Added(pieces + 3, "<right>", right: true));
        added.Add(Added(pieces + 4, "<both>x", left: true, right: true, normalized: true, special: false));
        added.Add(Added(pieces + 5, "WORD", special: false, word: true));
        added.Add(Added(pieces + 6, "WORDS", special: false));
        return file;
    }

    private static (List<string> Tokens, List<(string Left, string Right)> Merges) ByteBpe()
    {
        var (tokens, merges) = TrainedVocabularies.Bpe(
            TrainedVocabularies.Words.Select(word => (Visible(" " + word.Key[1..]), word.Value)).Concat(TrainedVocabularies.Words.Select(word => (Visible(word.Key[1..]), word.Value))),
            700);
        var alphabet = Enumerable.Range(0, 256).Select(value => ByteAlphabet.ToCharacter((byte)value).ToString());
        return ([.. alphabet.Union(tokens)], merges);
    }

    private static string[] Visible(string text) => [.. Encoding.UTF8.GetBytes(text).Select(value => ByteAlphabet.ToCharacter(value).ToString())];

    private static JsonObject BpeModel(IEnumerable<string> tokens, List<(string Left, string Right)> merges, bool old = false) => new()
    {
        ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["continuing_subword_prefix"] = null, ["end_of_word_suffix"] = null, ["fuse_unk"] = false,
        ["byte_fallback"] = false, ["ignore_merges"] = false, ["vocab"] = Vocabulary(tokens),
        ["merges"] = new JsonArray([.. merges.Select(merge => old ? (JsonNode)$"{merge.Left} {merge.Right}" : new JsonArray(merge.Left, merge.Right))]),
    };

    private static JsonObject ByteLevelBpe(JsonNode splitter, bool oldMerges)
    {
        var (tokens, merges) = ByteBpe();
        return File(
            null, splitter, Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}"""),
            Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}"""),
            BpeModel(tokens, merges, oldMerges), [Added(tokens.Count, "<|endoftext|>")]);
    }

    private static JsonObject Roberta()
    {
        var (tokens, merges) = ByteBpe();
        tokens = ["<s>", "<pad>", "</s>", "<unk>", .. tokens, "<mask>"];
        return File(
            null,
            Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}"""),
            Parse("""{"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": true}"""),
            Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}"""),
            BpeModel(tokens, merges),
            [Added(0, "<s>"), Added(2, "</s>", normalized: true), Added(tokens.Count - 1, "<mask>", left: true)]);
    }

    private static JsonObject SplitBpe(string words, string behaviour, bool invert, JsonNode? normalizer, bool ignoreMerges)
    {
        var (tokens, merges) = ByteBpe();
        if (ignoreMerges)
        {
            // A whole word that no merge makes.
            tokens.Add("Ġtokenizers");
            tokens.Add("東京"[..1] is var _ ? string.Concat(Visible("東京")) : "");
            tokens = [.. tokens.Distinct()];
        }

        var model = BpeModel(tokens, merges);
        model["ignore_merges"] = ignoreMerges;
        var splitter = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = words }, ["behavior"] = behaviour, ["invert"] = invert },
                Parse("""{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}""")),
        };
        var (begin, end) = (tokens.Count, tokens.Count + 1);
        return File(
            normalizer,
            splitter,
            new JsonObject
            {
                ["type"] = "Sequence",
                ["processors"] = new JsonArray(
                    Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}"""),
                    Frame("<|begin|>", begin, "<|end|>", end)),
            },
            Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}"""),
            model,
            [Added(begin, "<|begin|>"), Added(end, "<|end|>"), Added(end + 1, "<tool>", special: false)]);
    }

    private static JsonObject Llama2(bool allBytes, JsonNode? normalizer, JsonNode? splitter)
    {
        var words = TrainedVocabularies.Words;
        var alphabet = words.SelectMany(word => TrainedVocabularies.Characters(word.Key).Select(c => (c, word.Value))).GroupBy(c => c.c)
            .OrderByDescending(group => group.Sum(c => c.Value)).Take(300).Select(group => group.Key).ToHashSet();
        var (tokens, merges) = TrainedVocabularies.Bpe(
            words.Select(word => (TrainedVocabularies.Characters(word.Key), word.Value)).Where(word => word.Item1.All(alphabet.Contains)), 600);
        var bytes = Enumerable.Range(0, 256).Where(value => allBytes || value % 3 != 0).Select(value => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
        var model = BpeModel(["<unk>", "<s>", "</s>", .. bytes, .. tokens], merges);
        model["unk_token"] = "<unk>";
        model["fuse_unk"] = true;
        model["byte_fallback"] = true;
        return File(
            normalizer,
            splitter,
            Frame("<s>", 1, "</s>", 2),
            Parse("""{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}"""),
            model,
            [Added(0, "<unk>"), Added(1, "<s>"), Added(2, "</s>")]);
    }

    private static JsonObject Clip()
    {
        var words = TrainedVocabularies.Words.Select(word => TrainedVocabularies.Characters(word.Key[1..].ToLowerInvariant())).Where(word => word.Length > 0)
            .Select(word => (Symbols: (string[])[.. word[..^1], word[^1] + "</w>"], Count: 1)).ToList();
        var (tokens, merges) = TrainedVocabularies.Bpe(words, 500);
        tokens = ["<unk>", .. tokens];
        var model = BpeModel(tokens, merges);
        model["unk_token"] = "<unk>";
        model["end_of_word_suffix"] = "</w>";
        return File(
            Parse("""{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Lowercase"}]}"""),
            Parse("""{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "'s|'t|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"}, "behavior": "Removed", "invert": true}]}"""),
            Parse("""{"type": "BertProcessing", "sep": ["<|end|>", 0], "cls": ["<|start|>", 0]}"""),
            Parse("""{"type": "BPEDecoder", "suffix": "</w>"}"""),
            model,
            [Added(0, "<unk>")]);
    }

    private static JsonObject Unigram(JsonNode? normalizer, JsonNode splitter, bool byteFallback)
    {
        var entries = new List<(string Token, double Score)> { ("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0) };
        entries.AddRange(TrainedVocabularies.Unigram(3000));
        if (byteFallback)
        {
            entries.AddRange(Enumerable.Range(0, 256).Select(value => (string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), 0.0)));
        }

        entries.Add(("<mask>", 0));
        return File(
            normalizer,
            splitter,
            Frame("<s>", 0, "</s>", 2),
            Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}"""),
            new JsonObject
            {
                ["type"] = "Unigram", ["unk_id"] = 3, ["byte_fallback"] = byteFallback,
                ["vocab"] = new JsonArray([.. entries.Select(entry => new JsonArray(entry.Token, entry.Score))]),
            },
            [Added(0, "<s>"), Added(1, "<pad>"), Added(2, "</s>"), Added(3, "<unk>"), Added(entries.Count - 1, "<mask>", left: true)]);
    }

    private static JsonObject WordLevel(JsonNode? normalizer, JsonNode splitter)
    {
        List<string> tokens = ["<unk>", .. TrainedVocabularies.Unigram(3000).Select(part => part.Token.TrimStart('▁')).Where(part => part.Length > 0).Distinct()];
        return File(normalizer, splitter, null, null, new JsonObject { ["type"] = "WordLevel", ["unk_token"] = "<unk>", ["vocab"] = Vocabulary(tokens) }, []);
    }

    /// <summary>Like SentencePiece's nmt_nfkc_cf: compatibility forms and capitals, a few pairs composed, control characters gone.</summary>
    private static JsonObject Precompiled()
    {
        var map = new Dictionary<string, string>();
        for (var c = 1; c < 0x10000; c++)
        {
            if (c is >= 0xD800 and < 0xE000 or >= 0xFFFE)
            {
                continue;
            }

            var from = ((char)c).ToString();
            var to = c < 0x20 && c is not (9 or 10 or 13) ? "" : c is 9 or 10 or 13 or 0x3000 or 0xA0 ? " " : from.Normalize(NormalizationForm.FormKC);
            if (to != from)
            {
                map[from] = to;
            }
        }

        foreach (var letter in "aeiouAEIOUnN")
        {
            foreach (var mark in "\u0300\u0301\u0302\u0303\u0308")
            {
                map[$"{letter}{mark}"] = $"{letter}{mark}".Normalize(NormalizationForm.FormC);
            }
        }

        return new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = CharacterMapWriter.Write(map) };
    }
}
