using Sutra.Embedder.Tokenization;
using Sutra.Tests.Embedder.Tokenization.Reference;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Tokenization;

/// <summary>Runs of ASCII, words seen before and text changed in place have ways of their own: their ends must not show.</summary>
[TestClass]
public sealed class ShortWaysTests
{
    private static readonly string[] Parts =
    [
        "a", "Z", "word", " ", "  ", "\t", "\r", "\n", "\r\n", "'s", "9", "_", "-", "\u007F", "\u0080", "\u00A0", "é", "e\u0301", "\u0301", "İ", "ǅ", "ﬁ", "²", "—", "…", "\u02FF", "\u0300",
        "語", "が", "か\u3099", "\u1100\u1161\u11A8", "가\u11A8", "🙂", "𝒳", "𐐀", "▁", "Ġ", "\u200D", "\uFFFD",
    ];

    public static IEnumerable<object[]> Kinds => TokenizerKinds.All.Keys.Select(name => new object[] { name });

    /// <summary><see cref="TextTokenizer.Tokenize"/> uses no cache, and keeps track of places, for which text is not changed as a whole.</summary>
    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Every_part_beside_every_other_is_the_same_with_and_without(string kind)
    {
        var tokenizer = Load(kind);
        using var tokens = new TokenBuffer();
        foreach (var first in Parts)
        {
            foreach (var second in Parts)
            {
                foreach (var text in new[] { first + second, $"Plain {first}{second} plain", $"{second}x{first}X{second}" })
                {
                    tokens.CutTo(0);
                    var ids = tokens[tokenizer.Encode(text, 1 << 20, tokens)].ToArray();
                    CollectionAssert.AreEqual(tokenizer.Tokenize(text).Select(token => token.Id).ToArray(), ids, $"{kind}: {Codes(text)}");
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Words_of_any_length_are_the_same_once_the_cache_is_full(string kind)
    {
        var tokenizer = Load(kind);
        using var tokens = new TokenBuffer();
        var words = Enumerable.Range(1, 140).SelectMany(length => new[] { new string('a', length), new string('é', length), string.Concat(Enumerable.Repeat("ab9", length))[..length] }).ToArray();
        var expected = words.Select(word => tokenizer.Tokenize(word).Select(token => token.Id).ToArray()).ToArray();
        var random = new Random(5);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < words.Length; i++)
            {
                tokens.CutTo(0);
                CollectionAssert.AreEqual(expected[i], tokens[tokenizer.Encode(words[i], 1 << 20, tokens)].ToArray(), $"{kind}: {words[i]}");
            }

            tokens.CutTo(0);
            tokenizer.Encode(string.Join(' ', Enumerable.Range(0, 12_000).Select(_ => random.Next().ToString("x", null) + "q")), 1 << 20, tokens);
        }
    }

    private static TextTokenizer Load(string kind)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), TokenizerKinds.All[kind]().ToJsonString());
        return TextTokenizer.Load(folder.File("tokenizer.json"));
    }

    private static string Codes(string text) => string.Join(' ', text.Select(c => ((int)c).ToString("X4", null)));
}
