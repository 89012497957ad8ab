using System.Text.Json.Nodes;
using Sutra.Embedder.Models;
using Sutra.Embedder.Tokenization;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Tokenization;

[TestClass]
public sealed class TokenizerFileTests
{
    private static IEnumerable<(string Name, Action<JsonObject> Break, string Says)> Broken =>
    [
        ("no model", json => json.Remove("model"), "no model"),
        ("another kind of model", json => json["model"]!["type"] = "Klingon", "Klingon"),
        ("a model without merges", json => json["model"]!["type"] = "BPE", "merges"),
        ("another version", json => json["version"] = "2.0", "2.0"),
        ("an id twice", json => json["model"]!["vocab"]!["the"] = 0, "twice"),
        ("an id beyond reason", json => json["model"]!["vocab"]!["the"] = int.MaxValue, "2147483647"),
        ("no vocabulary", json => json["model"]!.AsObject().Remove("vocab"), "no vocab"),
        ("an id that is no number", json => json["model"]!["vocab"]!["the"] = "one", "piece"),
        ("a negative id", json => json["model"]!["vocab"]!["the"] = -1, "-1"),
        ("no unknown token", json => json["model"]!["unk_token"] = "[WHAT]", "[WHAT]"),
        ("an absurd word limit", json => json["model"]!["max_input_chars_per_word"] = 0, "max_input_chars_per_word"),
        ("another normalizer", json => json["normalizer"]!["type"] = "Klingon", "Klingon"),
        ("a setting of the wrong type", json => json["normalizer"]!["lowercase"] = "yes", "lowercase"),
        ("another pre-tokenizer", json => json["pre_tokenizer"]!["type"] = "Klingon", "Klingon"),
        ("another post-processor", json => json["post_processor"]!["type"] = "Klingon", "Klingon"),
        ("another decoder", json => json["decoder"]!["type"] = "CTC", "CTC"),
        ("an added token with an id of its own", json => json["added_tokens"]![4]!["id"] = 77, "77"),
        ("an added token twice", json => json["added_tokens"]!.AsArray().Add(json["added_tokens"]![4]!.DeepClone()), "[MASK]"),
        ("a template without the text", json => json["post_processor"]!["single"]!.AsArray().RemoveAt(1), "template"),
        ("a template with an unknown token", json => json["post_processor"]!["special_tokens"]!.AsObject().Remove("[SEP]"), "tokenizer.json"),
        ("an added token without an id", json => json["added_tokens"]![0]!.AsObject().Remove("id"), "added token"),
        ("added tokens that are no list", json => json["added_tokens"] = "none", "added_tokens"),
        ("a merge of what is not there", json => json["model"] = JsonNode.Parse("""{"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]}"""), "merge 1"),
        ("a merge of three", json => json["model"] = JsonNode.Parse("""{"type": "BPE", "vocab": {"a": 0}, "merges": ["a a a"]}"""), "merge 1"),
        ("a merge of a number", json => json["model"] = JsonNode.Parse("""{"type": "BPE", "vocab": {"a": 0}, "merges": [["a", 7]]}"""), "merge 1"),
        ("dropout", json => json["model"] = JsonNode.Parse("""{"type": "BPE", "dropout": 0.1, "vocab": {"a": 0}, "merges": []}"""), "dropout"),
        ("an unknown token that is none", json => json["model"] = JsonNode.Parse("""{"type": "BPE", "unk_token": "?", "vocab": {"a": 0}, "merges": []}"""), "token ?"),
        ("a Unigram without unknown", json => json["model"] = JsonNode.Parse("""{"type": "Unigram", "vocab": [["a", -1.5]]}"""), "unk_id"),
        ("a Unigram whose unknown is beyond its end", json => json["model"] = JsonNode.Parse("""{"type": "Unigram", "unk_id": 1, "vocab": [["a", -1.5]]}"""), "unk_id"),
        ("a Unigram with a score out of range", json => json["model"] = JsonNode.Parse("""{"type": "Unigram", "unk_id": 0, "vocab": [["a", 1e999]]}"""), "score"),
        ("a Unigram with a vocabulary of words", json => json["model"] = JsonNode.Parse("""{"type": "Unigram", "unk_id": 0, "vocab": ["a"]}"""), "entry 0"),
        ("a charsmap that is no base64", json => json["normalizer"] = JsonNode.Parse("""{"type": "Precompiled", "precompiled_charsmap": "?"}"""), "base64"),
        ("a charsmap that is no trie", json => json["normalizer"] = JsonNode.Parse("""{"type": "Precompiled", "precompiled_charsmap": "/////w=="}"""), "trie"),
        ("a pattern that is none", json => json["pre_tokenizer"] = JsonNode.Parse("""{"type": "Split", "pattern": {"Glob": "*"}, "behavior": "Isolated", "invert": false}"""), "pattern"),
        ("a pattern that does not parse", json => json["pre_tokenizer"] = Split("(a"), "(a"),
        ("a pattern that means something else to .NET: words", json => json["pre_tokenizer"] = Split("\\w+"), "\\w+"),
        ("a pattern that means something else to .NET: sets", json => json["pre_tokenizer"] = Split("[a-z&&[^b]]"), "&&"),
        ("a pattern that means something else to .NET: scripts", json => json["pre_tokenizer"] = Split("\\p{Han}+"), "Han"),
        ("a behaviour that is none", json => json["pre_tokenizer"] = JsonNode.Parse("""{"type": "Punctuation", "behavior": "Scattered"}"""), "Scattered"),
        ("a prepend scheme that is none", json => json["pre_tokenizer"] = JsonNode.Parse("""{"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"}"""), "last"),
        ("a step of a sequence", json => json["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Klingon"}]}"""), "Klingon"),
    ];

    private static JsonObject Split(string expression) => new()
    {
        ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = expression }, ["behavior"] = "Isolated", ["invert"] = false,
    };

    public static IEnumerable<object[]> Cases => Broken.Select(broken => new object[] { broken.Name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void What_is_not_understood_is_refused_by_name(string name)
    {
        var (_, breakIt, says) = Broken.Single(broken => broken.Name == name);
        var json = TestModel.Tokenizer();
        breakIt(json);

        var error = Refused(json.ToJsonString());
        StringAssert.Contains(error, says);
        StringAssert.Contains(error, "tokenizer.json");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{")]
    [DataRow("not json")]
    [DataRow("[]")]
    [DataRow("7")]
    public void What_is_no_JSON_object_is_refused(string content) => StringAssert.Contains(Refused(content), "tokenizer.json");

    private static string Refused(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), content);
        return Assert.ThrowsExactly<ModelException>(() => TextTokenizer.Load(folder.File("tokenizer.json"))).Message;
    }
}
