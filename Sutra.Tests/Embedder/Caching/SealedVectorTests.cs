using System.Security.Cryptography;
using Sutra.Embedder.Caching;
using Sutra.Embedder.Inference;

namespace Sutra.Tests.Embedder.Caching;

[TestClass]
public sealed class SealedVectorTests
{
    private static readonly byte[] Key = [.. "sutra:a key"u8];
    private static readonly float[] Vector = [0.6f, 0, -0.8f, 0];
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void What_is_sealed_is_opened_whole_and_shows_nothing_of_itself(bool truncated)
    {
        using var cipher = new AesGcm(Secret, 16);
        var value = SealedVector.Seal(cipher, Key, new TextEmbedding(Vector, 17, truncated));
        var again = SealedVector.Seal(cipher, Key, new TextEmbedding(Vector, 17, truncated));

        CollectionAssert.AreNotEqual(value, again, "no nonce is used twice");
        var opened = SealedVector.Open(cipher, Key, value, 4)!.Value;
        CollectionAssert.AreEqual(Vector, opened.Values);
        Assert.AreEqual(17, opened.TokenCount);
        Assert.AreEqual(truncated, opened.Truncated);
        Assert.AreEqual(TextFailure.None, opened.Failure);
    }

    [TestMethod]
    public void What_somebody_else_wrote_cut_changed_or_moved_is_nothing()
    {
        using var cipher = new AesGcm(Secret, 16);
        using var other = new AesGcm(RandomNumberGenerator.GetBytes(32), 16);
        byte[] Sealed() => SealedVector.Seal(cipher, Key, new TextEmbedding(Vector, 1, Truncated: false));

        Assert.IsNull(SealedVector.Open(cipher, Key, Sealed(), 5), "of another model");
        Assert.IsNull(SealedVector.Open(cipher, Key, Sealed()[..^1], 4), "cut");
        Assert.IsNull(SealedVector.Open(cipher, "sutra:another"u8, Sealed(), 4), "moved to another key");
        Assert.IsNull(SealedVector.Open(other, Key, Sealed(), 4), "of another secret");
        Assert.IsNull(SealedVector.Open(cipher, Key, [], 4));
        Assert.IsNull(SealedVector.Open(cipher, Key, null, 4));
        Assert.IsNull(SealedVector.Open(cipher, Key, new byte[SealedVector.SizeOf(4)], 4));
        for (var i = 0; i < SealedVector.SizeOf(4); i++)
        {
            var changed = Sealed();
            changed[i] ^= 1;
            Assert.IsNull(SealedVector.Open(cipher, Key, changed, 4), $"byte {i} changed");
        }
    }

    [TestMethod]
    [DataRow(new float[] { 0, 0, 0, 0 })]
    [DataRow(new float[] { 1, 1, 0, 0 })]
    [DataRow(new[] { float.NaN, 0, 0, 1 })]
    [DataRow(new[] { float.PositiveInfinity, 0, 0, 1 })]
    public void Well_sealed_but_no_unit_vector_is_nothing(float[] vector)
    {
        using var cipher = new AesGcm(Secret, 16);
        Assert.IsNull(SealedVector.Open(cipher, Key, SealedVector.Seal(cipher, Key, new TextEmbedding(vector, 1, Truncated: false)), 4));
    }
}
