using System.Text.Json.Nodes;
using Sutra.Embedder.Tokenization;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Tokenization;

[TestClass]
public sealed class WordPieceTokenizerTests
{
    /// <summary>Worked out by hand from the behaviour of Hugging Face's BertNormalizer, BertPreTokenizer and WordPiece.</summary>
    [TestMethod]
    [DataRow("the cat", "the cat", DisplayName = "words")]
    [DataRow("The CAT", "the cat", DisplayName = "capitals")]
    [DataRow("  the\tcat\r\n ", "the cat", DisplayName = "white space")]
    [DataRow("the\u00A0cat\u3000sat\u2028on", "the cat sat on", DisplayName = "Unicode white space")]
    [DataRow("running", "run ##ning", DisplayName = "longest piece first")]
    [DataRow("unaffable", "un ##aff ##able", DisplayName = "three pieces")]
    [DataRow("affable", "affable", DisplayName = "a whole word before its pieces")]
    [DataRow("words", "word ##s", DisplayName = "word and suffix")]
    [DataRow("zebra", "z ##e ##b ##r ##a", DisplayName = "down to characters")]
    [DataRow("hello, world!", "hello , world !", DisplayName = "punctuation stands alone")]
    [DataRow("cat-dog's", "cat - dog ' s", DisplayName = "punctuation inside a word")]
    [DataRow("$5", "$ 5", DisplayName = "ASCII symbols count as punctuation")]
    [DataRow("the~cat", "the [UNK] cat", DisplayName = "punctuation that the vocabulary lacks")]
    [DataRow("the cat…dog", "the cat [UNK] dog", DisplayName = "Unicode punctuation")]
    [DataRow("café", "cafe", DisplayName = "accents, composed")]
    [DataRow("cafe\u0301", "cafe", DisplayName = "accents, combining")]
    [DataRow("NAÏVE", "naive", DisplayName = "accent and capital")]
    [DataRow("ß", "ß", DisplayName = "a letter that is no accented letter")]
    [DataRow("İ", "i", DisplayName = "dotted capital I")]
    [DataRow("КОТ", "к ##о ##т", DisplayName = "Cyrillic")]
    [DataRow("我你好the", "[UNK] 你 好 the", DisplayName = "ideographs stand alone")]
    [DataRow("한", "ᄒ ##ᅡ ##ᆫ", DisplayName = "a Hangul syllable decomposes")]
    [DataRow("😀", "😀", DisplayName = "beyond the basic plane, known")]
    [DataRow("cat😀", "[UNK]", DisplayName = "beyond the basic plane, inside a word")]
    [DataRow("c\u0000a\u200Bt\uFFFD", "cat", DisplayName = "control and format characters vanish")]
    [DataRow("c\u0085at", "cat", DisplayName = "NEL is a control character, not a space")]
    [DataRow("thecat€", "[UNK]", DisplayName = "one unknown character makes the word unknown")]
    [DataRow("[SEP] cat", "[SEP] cat", DisplayName = "an added token")]
    [DataRow("the[MASK]cat", "the [MASK] cat", DisplayName = "an added token inside a word")]
    [DataRow("[sep]", "[UNK] s ##e ##p [UNK]", DisplayName = "added tokens are found as they are written")]
    [DataRow("", "", DisplayName = "nothing")]
    [DataRow("\u0301 \u200B", "", DisplayName = "nothing that stays")]
    public void Text_becomes_the_pieces_that_Hugging_Face_makes_of_it(string text, string pieces) =>
        Assert.AreEqual($"[CLS] {pieces}".TrimEnd() + " [SEP]", Pieces(Load(TestModel.Tokenizer()), text));

    [TestMethod]
    [DataRow(100, "a ##a", DisplayName = "at the limit: pieces")]
    [DataRow(101, "[UNK]", DisplayName = "above it: unknown")]
    public void A_word_of_more_than_a_hundred_characters_is_unknown(int length, string begins)
    {
        var pieces = Pieces(Load(TestModel.Tokenizer()), new string('a', length)).Split(' ');
        Assert.AreEqual(length == 100 ? 102 : 3, pieces.Length);
        CollectionAssert.AreEqual(begins.Split(' '), pieces[1..(1 + begins.Split(' ').Length)]);
    }

    [TestMethod]
    [DataRow(true, false, "Cafe", "[UNK]", DisplayName = "capitals kept: not in the vocabulary")]
    [DataRow(true, false, "café", "[UNK]", DisplayName = "accents go where capitals go")]
    [DataRow(false, true, "CAFE", "cafe", DisplayName = "no cleaning")]
    [DataRow(false, true, "ca\u200Bt", "[UNK]", DisplayName = "no cleaning: format characters stay")]
    public void The_normalizers_settings_are_followed(bool clean, bool lowercase, string text, string pieces)
    {
        var json = TestModel.Tokenizer();
        json["normalizer"]!["clean_text"] = clean;
        json["normalizer"]!["lowercase"] = lowercase;
        Assert.AreEqual($"[CLS] {pieces} [SEP]", Pieces(Load(json), text));
    }

    [TestMethod]
    public void Accents_can_be_kept_while_capitals_go()
    {
        var json = TestModel.Tokenizer();
        json["normalizer"]!["strip_accents"] = false;
        Assert.AreEqual("[CLS] cafe [UNK] [SEP]", Pieces(Load(json), "CAFE Café"));
    }

    [TestMethod]
    public void Ideographs_can_be_left_in_words()
    {
        var json = TestModel.Tokenizer();
        json["normalizer"]!["handle_chinese_chars"] = false;
        Assert.AreEqual("[CLS] [UNK] [SEP]", Pieces(Load(json), "你好"));
    }

    [TestMethod]
    public void Without_a_post_processor_there_are_no_special_tokens()
    {
        var json = TestModel.Tokenizer();
        json["post_processor"] = null;
        Assert.AreEqual("the cat", Pieces(Load(json), "the cat"));
        Assert.AreEqual("", Pieces(Load(json), " "));
    }

    [TestMethod]
    public void Bert_processing_adds_the_same_special_tokens_as_a_template()
    {
        var json = TestModel.Tokenizer();
        json["post_processor"] = JsonNode.Parse("""{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}""");
        Assert.AreEqual("[CLS] the cat [SEP]", Pieces(Load(json), "the cat"));
    }

    [TestMethod]
    public void A_single_word_token_is_only_found_by_itself()
    {
        var json = TestModel.Tokenizer();
        json["added_tokens"]!.AsArray().Add(JsonNode.Parse($$"""{"id": {{TestModel.Vocabulary.Count}}, "content": "DOG", "single_word": true, "normalized": false}"""));
        Assert.AreEqual("[CLS] DOG , dog ##s [SEP]", string.Join(' ', Load(json).Tokenize("DOG,DOGs").Select(token => token.Text)));
    }

    [TestMethod]
    [DataRow(5, "[CLS] the cat sat [SEP]", true)]
    [DataRow(6, "[CLS] the cat sat on [SEP]", false)]
    [DataRow(3, "[CLS] the [SEP]", true)]
    [DataRow(64, "[CLS] the cat sat on [SEP]", false)]
    public void Truncation_keeps_the_special_tokens_and_is_told(int maxTokens, string pieces, bool truncated)
    {
        var tokenizer = Load(TestModel.Tokenizer());
        using var tokens = new TokenBuffer();
        var range = tokenizer.Encode("the cat sat on", maxTokens, tokens);

        Assert.AreEqual(pieces, Name(tokens[range]));
        Assert.AreEqual(truncated, range.Truncated);
    }

    [TestMethod]
    [DataRow(5, "[CLS] cat sat on [SEP]", true)]
    [DataRow(6, "[CLS] the cat sat on [SEP]", false)]
    [DataRow(2, "[CLS] [SEP]", true)]
    public void Truncation_on_the_left_keeps_the_end(int maxTokens, string pieces, bool truncated)
    {
        using var tokens = new TokenBuffer();
        var range = Load(TestModel.Tokenizer()).Encode("the cat sat on", maxTokens, tokens, TruncationSide.Left);

        Assert.AreEqual(pieces, Name(tokens[range]));
        Assert.AreEqual(truncated, range.Truncated);
    }

    [TestMethod]
    public void Special_tokens_are_left_out_when_not_wanted()
    {
        using var tokens = new TokenBuffer();
        Assert.AreEqual("the cat", Name(tokens[Load(TestModel.Tokenizer()).Encode("the cat sat", 2, tokens, addSpecialTokens: false)]));
    }

    [TestMethod]
    public void A_length_without_room_for_the_special_tokens_is_a_callers_mistake()
    {
        using var tokens = new TokenBuffer();
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Load(TestModel.Tokenizer()).Encode("the cat", 1, tokens));
    }

    [TestMethod]
    public void Tokens_say_where_in_the_text_they_come_from()
    {
        const string Text = "Café [MASK] unaffable, 한 \U0001F600";
        var tokens = Load(TestModel.Tokenizer()).Tokenize(Text);

        Assert.AreEqual(
            "[CLS]*= cafe=Café [MASK]*=[MASK] un=un ##aff=aff ##able=able ,=, ᄒ=한 ##ᅡ=한 ##ᆫ=한 \U0001F600=\U0001F600 [SEP]*=",
            string.Join(' ', tokens.Select(token => $"{token.Text}{(token.IsSpecial ? "*" : "")}={Text[token.Start..token.Stop]}")));
        CollectionAssert.AreEqual(tokens.Select(token => TestModel.IdOf(token.Text)).ToArray(), tokens.Select(token => token.Id).ToArray());
    }

    [TestMethod]
    public void Ids_become_text_again()
    {
        var tokenizer = Load(TestModel.Tokenizer());
        using var tokens = new TokenBuffer();
        var ids = tokens[tokenizer.Encode("Unaffable cats, runs!", 64, tokens)];

        Assert.AreEqual("unaffable cats, runs!", tokenizer.Decode(ids));
        Assert.AreEqual("[CLS] unaffable cats, runs! [SEP]", tokenizer.Decode(ids, skipSpecialTokens: false));
    }

    [TestMethod]
    public void A_cut_may_fall_within_a_word_as_it_does_for_Hugging_Face()
    {
        using var tokens = new TokenBuffer();
        var range = Load(TestModel.Tokenizer()).Encode("unaffable cat", 4, tokens);
        Assert.AreEqual("[CLS] un ##aff [SEP]", Name(tokens[range]));
        Assert.IsTrue(range.Truncated);
    }

    [TestMethod]
    public void Texts_of_one_request_lie_one_after_the_other()
    {
        var tokenizer = Load(TestModel.Tokenizer());
        using var tokens = new TokenBuffer(1);
        var ranges = Enumerable.Range(0, 200).Select(i => tokenizer.Encode(string.Join(' ', Enumerable.Repeat("cat", i)), 64, tokens)).ToList();

        for (var i = 0; i < ranges.Count; i++)
        {
            Assert.AreEqual(Math.Min(i, 62) + 2, ranges[i].Length);
            Assert.AreEqual(TestModel.IdOf("[CLS]"), tokens[ranges[i]][0]);
            Assert.AreEqual(TestModel.IdOf("[SEP]"), tokens[ranges[i]][^1]);
        }
    }

    [TestMethod]
    public void Token_ids_get_special_tokens_once()
    {
        var tokenizer = Load(TestModel.Tokenizer());
        int[] bare = [TestModel.IdOf("the"), TestModel.IdOf("cat")];
        using var tokens = new TokenBuffer();

        Assert.AreEqual("[CLS] the cat [SEP]", Name(tokens[tokenizer.Encode(bare, 64, tokens)]));
        Assert.AreEqual("[CLS] the cat [SEP]", Name(tokens[tokenizer.Encode([2, .. bare, 3], 64, tokens)]));
        Assert.AreEqual("[CLS] the [SEP]", Name(tokens[tokenizer.Encode([2, .. bare, 3], 3, tokens)]));
    }

    [TestMethod]
    public void Many_threads_may_use_one_tokenizer()
    {
        var tokenizer = Load(TestModel.Tokenizer());
        Parallel.For(0, 400, i => Assert.AreEqual(
            $"[CLS] {(i % 2 == 0 ? "cafe ᄒ ##ᅡ ##ᆫ" : "к ##о ##т 你 好")} [SEP]",
            Pieces(tokenizer, i % 2 == 0 ? "Café 한" : "Кот你好")));
    }

    private static string Pieces(TextTokenizer tokenizer, string text)
    {
        using var tokens = new TokenBuffer();
        return Name(tokens[tokenizer.Encode(text, 256, tokens)]);
    }

    private static string Name(ReadOnlySpan<int> ids) => string.Join(' ', ids.ToArray().Select(id => TestModel.Vocabulary[id]));

    private static TextTokenizer Load(JsonObject json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), json.ToJsonString());
        return TextTokenizer.Load(folder.File("tokenizer.json"));
    }
}
