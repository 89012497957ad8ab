using System.Text.Json.Nodes;
using Sutra.Embedder.Models;
using Sutra.Embedder.Tokenization;
using Sutra.Tests.Embedder.Tokenization.Reference;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Tokenization;

/// <summary>Files and texts that were made to break a tokenizer.</summary>
[TestClass]
public sealed class HostileTokenizerTests
{
    private static readonly string[] Texts = ["", " ", "a", "The naïve tokenizers'll run 12345 e\u0301 東京 🙂", "\0\uFFFE▁Ġ<s>", new('a', 300)];

    public static IEnumerable<object[]> Kinds => TokenizerKinds.All.Keys.Select(name => new object[] { name });

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(Kinds))]
    public void A_changed_file_is_refused_or_works(string kind)
    {
        var random = new Random(4);
        var original = Shrunk(TokenizerKinds.All[kind]()).ToJsonString();
        using var folder = new TemporaryFolder();
        var refused = 0;
        for (var round = 0; round < 150; round++)
        {
            var file = JsonNode.Parse(original)!.AsObject();
            for (var change = random.Next(1, 3); change > 0; change--)
            {
                Change(file, random);
            }

            File.WriteAllText(folder.File("tokenizer.json"), file.ToJsonString());
            TextTokenizer tokenizer;
            try
            {
                tokenizer = TextTokenizer.Load(folder.File("tokenizer.json"));
            }
            catch (ModelException)
            {
                refused++;
                continue;
            }

            using var tokens = new TokenBuffer();
            foreach (var text in Texts)
            {
                var ids = tokens[tokenizer.Encode(text, 64, tokens)];
                Assert.IsTrue(ids.Length <= 64);
                Assert.IsFalse(ids.ContainsAnyExceptInRange(0, tokenizer.VocabularySize - 1));
                tokenizer.Tokenize(text);
                tokenizer.Decode(ids);
            }
        }

        Assert.IsTrue(refused is > 10 and < 150, $"{refused} of 150 were refused.");
    }

    /// <summary>In steps of a square this would be 10^11 and more for each part, which is beyond the limit; in line it is a fraction of a second.</summary>
    [TestMethod]
    [TestCategory("Slow")]
    [Timeout(300_000)]
    [DynamicData(nameof(Kinds))]
    public void Half_a_million_of_the_same_are_read_to_the_end_and_leave_nothing_behind(string kind)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), TokenizerKinds.All[kind]().ToJsonString());
        var tokenizer = TextTokenizer.Load(folder.File("tokenizer.json"));
        using var tokens = new TokenBuffer();
        var before = Texts.Select(text => Encode(text).ToArray()).ToArray();
        foreach (var part in new[] { "a", "\u0301\u0316", " ", "🙂", "'-", "é\n" })
        {
            var text = string.Concat(Enumerable.Repeat(part, 500_000 / part.Length));
            var ids = Encode(text).ToArray();
            var half = Encode(text[..(text.Length / 2)]).ToArray();

            Assert.IsFalse(ids.AsSpan().ContainsAnyExceptInRange(0, tokenizer.VocabularySize - 1));
            // A word of pieces, or all of it unknown: twice the text is as many tokens, or about twice as many.
            Assert.IsTrue(ids.Length == half.Length || Math.Abs(ids.Length - (2 * half.Length)) < 20, $"{kind}: {half.Length} tokens of half, {ids.Length} of all");
            for (var i = 0; i < Texts.Length; i++)
            {
                CollectionAssert.AreEqual(before[i], Encode(Texts[i]).ToArray(), $"{kind}: text {i} behind 500,000 units of U+{(int)part[0]:X4}…");
            }
        }

        ReadOnlySpan<int> Encode(string text)
        {
            tokens.CutTo(0);
            return tokens[tokenizer.Encode(text, 1 << 24, tokens)];
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void A_warm_tokenizer_allocates_nothing(string kind)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), TokenizerKinds.All[kind]().ToJsonString());
        var tokenizer = TextTokenizer.Load(folder.File("tokenizer.json"));
        using var tokens = new TokenBuffer(1 << 16);
        var lines = new MixedText(3).Lines(160, ["<s>", "[MASK]"]).Where(line => line.Length < 500).ToArray();

        Run();
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = Run();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.IsTrue(count > 1000, $"{count} tokens");
        // A few objects a text may be; not one for each token.
        Assert.IsTrue(allocated < 1024, $"{kind}: {allocated} bytes for {count} tokens");

        int Run()
        {
            tokens.CutTo(0);
            foreach (var line in lines)
            {
                tokenizer.Encode(line, 1 << 20, tokens);
            }

            return tokens.Count;
        }
    }

    /// <summary>Fewer words, so that a change hits the rest of the file too.</summary>
    private static JsonObject Shrunk(JsonObject file)
    {
        if (file["model"]!["merges"] is JsonArray merges)
        {
            while (merges.Count > 60)
            {
                merges.RemoveAt(merges.Count - 1);
            }
        }

        return file;
    }

    private static void Change(JsonObject file, Random random)
    {
        JsonNode at = file;
        while (true)
        {
            // Down at random, past the vocabulary most of the time.
            var names = at is JsonObject o ? [.. o.Select(property => property.Key)] : Array.Empty<string>();
            var count = at is JsonArray list ? list.Count : names.Length;
            if (count == 0)
            {
                return;
            }

            var index = random.Next(count);
            var child = at is JsonArray array ? array[index] : at[names[index]];
            if (child is JsonObject or JsonArray && random.Next(5) > 0)
            {
                at = child;
                continue;
            }

            JsonNode? value = random.Next(12) switch
            {
                0 => null,
                1 => -1,
                2 => 1e300,
                3 => 4_000_000_000,
                4 => "",
                5 => "ab",
                6 => new JsonArray(),
                7 => new JsonObject(),
                8 => true,
                9 => random.Next(600),
                10 => (child as JsonValue)?.DeepClone(),
                _ => "Sequence",
            };
            if (at is JsonArray target)
            {
                target[index] = value;
            }
            else if (random.Next(4) == 0)
            {
                ((JsonObject)at).Remove(names[index]);
            }
            else
            {
                at[names[index]] = value;
            }

            return;
        }
    }
}
