using System.Text.Json;
using System.Text.Json.Nodes;
using Sutra.Embedder.Tokenization;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Embedder.Tokenization.Reference;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Tokenization;

/// <summary>Against Hugging Face's own tokenizers, in Node: the same files, thousands of seeded lines, no difference allowed.</summary>
[TestClass]
public sealed class HuggingFaceAgreementTests
{
    private const int LineCount = 5040;
    private const int MaxLength = 12;

    public static IEnumerable<object[]> Kinds => TokenizerKinds.All.Keys.Append("The built-in model").Select(name => new object[] { name });

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(Kinds))]
    public async Task Ids_cuts_and_decoded_texts_are_equal(string kind)
    {
        var file = TokenizerKinds.All.TryGetValue(kind, out var make)
            ? make()
            : JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "models", "sutra-static", "tokenizer.json")))!.AsObject();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("tokenizer.json"), file.ToJsonString());
        var added = file["added_tokens"]!.AsArray().Select(token => (string)token!["content"]!).ToList();
        var lines = new MixedText(20261121).Lines(LineCount, added);
        await File.WriteAllTextAsync(folder.File("lines.json"), JsonSerializer.Serialize(new { lines, maxLength = MaxLength }));

        var answer = await NodeScript.RunAsync("tokenizers.mjs", folder.File("tokenizer.json"), folder.File("lines.json"));
        var encodings = answer["encodings"]!.AsArray();
        Assert.AreEqual(LineCount, encodings.Count);

        var tokenizer = TextTokenizer.Load(folder.File("tokenizer.json"));
        using var buffer = new TokenBuffer();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            var expected = encodings[i]!;
            var ids = Encode(line, 1 << 20);
            AreEqual(expected["ids"]!, ids, "ids", i);
            AreEqual(expected["ids"]!, Encode(line, 1 << 20), "ids, the words known", i);
            AreEqual(expected["right"]!, Encode(line, MaxLength), "cut on the right", i);
            AreEqual(expected["left"]!, Encode(line, MaxLength, TruncationSide.Left), "cut on the left", i);
            AreEqual(expected["bare"]!, Encode(line, 1 << 20, special: false), "without special tokens", i);
            AreEqual(expected["ids"]!, [.. tokenizer.Tokenize(line).Select(token => token.Id)], "tokens", i);
            Assert.AreEqual((string)expected["text"]!, tokenizer.Decode(ids), $"{kind}: decoded, line {i}");
            Assert.AreEqual((string)expected["special"]!, tokenizer.Decode(ids, skipSpecialTokens: false), $"{kind}: decoded with special tokens, line {i}");
        }

        int[] Encode(string text, int most, TruncationSide side = TruncationSide.Right, bool special = true)
        {
            buffer.CutTo(0);
            return buffer[tokenizer.Encode(text, most, buffer, side, special)].ToArray();
        }

        void AreEqual(JsonNode wanted, int[] got, string what, int line) => CollectionAssert.AreEqual(
            wanted.AsArray().Select(id => (int)id!).ToArray(),
            got,
            $"{kind}: {what}, line {line}: {string.Join(' ', lines[line].EnumerateRunes().Take(60).Select(rune => rune.Value.ToString("X")))}");
    }

    /// <summary>Where no change of the text is involved, places can be compared too.</summary>
    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("WordPiece, cased")]
    [DataRow("GPT-2")]
    [DataRow("Llama 3")]
    [DataRow("Llama 2")]
    [DataRow("WordLevel, contiguous")]
    public async Task Places_of_tokens_are_equal(string kind)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("tokenizer.json"), TokenizerKinds.All[kind]().ToJsonString());
        var lines = new MixedText(11).Lines(800, []);
        await File.WriteAllTextAsync(folder.File("lines.json"), JsonSerializer.Serialize(new { lines, maxLength = MaxLength }));
        var answer = await NodeScript.RunAsync("tokenizers.mjs", folder.File("tokenizer.json"), folder.File("lines.json"));

        var tokenizer = TextTokenizer.Load(folder.File("tokenizer.json"));
        for (var i = 0; i < lines.Count; i++)
        {
            // Theirs are Unicode characters, ours UTF-16 units.
            var units = lines[i].EnumerateRunes().Aggregate(new List<int> { 0 }, (all, rune) => [.. all, all[^1] + rune.Utf16SequenceLength]);
            var expected = answer["encodings"]![i]!["offsets"]!.AsArray().Select(offset => units[(int)offset!]).ToArray();
            CollectionAssert.AreEqual(expected, tokenizer.Tokenize(lines[i]).SelectMany(token => new[] { token.Start, token.Stop }).ToArray(), $"{kind}, line {i}");
        }
    }
}
