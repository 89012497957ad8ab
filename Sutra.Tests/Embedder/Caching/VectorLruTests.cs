using Sutra.Embedder.Caching;
using Sutra.Embedder.Inference;

namespace Sutra.Tests.Embedder.Caching;

[TestClass]
public sealed class VectorLruTests
{
    private const int Size = VectorLru.OverheadBytes + (4 * 8);

    [TestMethod]
    public void The_least_recently_used_vectors_go_first_and_the_bound_holds()
    {
        var cache = new VectorLru(3 * Size);
        foreach (var key in new ulong[] { 1, 2, 3 })
        {
            cache.Set(Key(key), Embedding(8));
        }

        Assert.IsTrue(cache.TryGet(Key(1), out _));
        cache.Set(Key(4), Embedding(8));
        Assert.IsFalse(cache.TryGet(Key(2), out _));
        Assert.IsTrue(cache.TryGet(Key(1), out _));
        cache.Set(Key(1), Embedding(8, tokens: 7));
        Assert.IsTrue(cache.TryGet(Key(1), out var replaced));
        Assert.AreEqual(7, replaced.TokenCount);
        cache.Set(Key(5), Embedding(10_000));
        Assert.IsFalse(cache.TryGet(Key(5), out _), "larger than all of it");
        Assert.AreEqual(3 * Size, cache.Bytes);
    }

    [TestMethod]
    public void Nothing_is_kept_in_no_bytes()
    {
        var cache = new VectorLru(0);
        cache.Set(Key(1), Embedding(8));
        Assert.IsFalse(cache.TryGet(Key(1), out _));
        Assert.AreEqual(0, cache.Bytes);
    }

    [TestMethod]
    public void A_large_one_is_filled_to_its_bound_whatever_the_shards_and_from_many_threads()
    {
        const long Max = 8 << 20;
        var cache = new VectorLru(Max);
        Parallel.For(0, 100_000, i =>
        {
            var key = Key((ulong)i * 0x9E3779B97F4A7C15);
            cache.Set(key, Embedding(8, tokens: i + 1));
            if (cache.TryGet(key, out var found))
            {
                Assert.AreEqual(i + 1, found.TokenCount);
            }
        });

        Assert.IsLessThanOrEqualTo(Max, cache.Bytes);
        Assert.IsGreaterThan(Max * 9 / 10, cache.Bytes);
    }

    private static VectorKey Key(ulong value) => new(value, value * 0xD1342543DE82EF95);

    private static TextEmbedding Embedding(int dimensions, int tokens = 1) => new(new float[dimensions], tokens, Truncated: false);
}
