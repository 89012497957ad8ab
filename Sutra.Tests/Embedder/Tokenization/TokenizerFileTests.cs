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
        ("another kind of model", json => json["model"]!["type"] = "BPE", "BPE"),
        ("no vocabulary", json => json["model"]!.AsObject().Remove("vocab"), "no vocab"),
        ("an id that is no number", json => json["model"]!["vocab"]!["the"] = "one", "piece"),
        ("a negative id", json => json["model"]!["vocab"]!["the"] = -1, "-1"),
        ("no unknown token", json => json["model"]!["unk_token"] = "[WHAT]", "[WHAT]"),
        ("an absurd word limit", json => json["model"]!["max_input_chars_per_word"] = 0, "max_input_chars_per_word"),
        ("another normalizer", json => json["normalizer"]!["type"] = "NFKC", "NFKC"),
        ("a setting of the wrong type", json => json["normalizer"]!["lowercase"] = "yes", "lowercase"),
        ("no pre-tokenizer", json => json["pre_tokenizer"] = null, "pre_tokenizer"),
        ("another pre-tokenizer", json => json["pre_tokenizer"]!["type"] = "ByteLevel", "pre_tokenizer"),
        ("another post-processor", json => json["post_processor"]!["type"] = "RobertaProcessing", "RobertaProcessing"),
        ("a template without the text", json => json["post_processor"]!["single"]!.AsArray().RemoveAt(1), "template"),
        ("a template with an unknown token", json => json["post_processor"]!["special_tokens"]!.AsObject().Remove("[SEP]"), "tokenizer.json"),
        ("an added token without an id", json => json["added_tokens"]![0]!.AsObject().Remove("id"), "added token"),
        ("an added token in normalised text", json => json["added_tokens"]![4]!["normalized"] = true, "[MASK]"),
        ("added tokens that are no list", json => json["added_tokens"] = "none", "tokenizer.json"),
    ];

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
