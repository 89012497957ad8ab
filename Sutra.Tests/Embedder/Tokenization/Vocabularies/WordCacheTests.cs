using System.Globalization;
using Sutra.Embedder.Tokenization;
using Sutra.Embedder.Tokenization.Vocabularies;

namespace Sutra.Tests.Embedder.Tokenization.Vocabularies;

[TestClass]
public sealed class WordCacheTests
{
    [TestMethod]
    public void What_it_knows_is_right_however_much_was_put_in()
    {
        var cache = new WordCache();
        using var tokens = new TokenBuffer();
        var found = 0;
        for (var round = 0; round < 2; round++)
        {
            // Twice the room: all is forgotten in between, more than once.
            for (var i = 0; i < 40_000; i++)
            {
                var word = Word(i % 20_000);
                tokens.CutTo(0);
                if (cache.TryGet(word, tokens, out var hash))
                {
                    found++;
                    CollectionAssert.AreEqual(Ids(word), tokens[new TokenRange(0, tokens.Count, false)].ToArray(), word);
                }
                else
                {
                    Assert.AreEqual(0, tokens.Count);
                    cache.Set(word, hash, Ids(word));
                    Assert.IsTrue(cache.TryGet(word, tokens, out _), word);
                }
            }
        }

        Assert.IsTrue(found > 0 || cache.TryGet(Word(19_999), tokens, out _));
    }

    [TestMethod]
    public void Words_that_begin_or_end_alike_are_not_mixed_up()
    {
        var cache = new WordCache();
        using var tokens = new TokenBuffer();
        for (var length = 1; length <= WordCache.MaxLength; length++)
        {
            var word = new string('a', length);
            Assert.IsFalse(cache.TryGet(word, tokens, out var hash), $"{length}");
            cache.Set(word, hash, [length]);
            for (var at = 0; at < length; at++)
            {
                Assert.IsFalse(cache.TryGet(string.Create(length, at, static (chars, at) => { chars.Fill('a'); chars[at] = 'b'; }), tokens, out _));
            }
        }
    }

    [TestMethod]
    public void Many_ids_are_kept_and_too_many_are_not()
    {
        var cache = new WordCache();
        using var tokens = new TokenBuffer();
        foreach (var (word, count) in new[] { ("none", 0), ("some", 255), ("many", 256) })
        {
            Assert.IsFalse(cache.TryGet(word, tokens, out var hash));
            cache.Set(word, hash, [.. Enumerable.Range(0, count)]);
            tokens.CutTo(0);
            Assert.AreEqual(count < 256, cache.TryGet(word, tokens, out _), word);
            Assert.AreEqual(count < 256 ? count : 0, tokens.Count);
        }
    }

    private static string Word(int i) => i.ToString(CultureInfo.InvariantCulture) + new string((char)('a' + (i % 7)), i % 12);

    private static int[] Ids(string word) => [.. word.Take(1 + (word.Length % 5)).Select(c => c * word.Length)];
}
