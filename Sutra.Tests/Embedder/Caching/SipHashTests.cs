using System.Buffers.Binary;
using Sutra.Embedder.Caching;

namespace Sutra.Tests.Embedder.Caching;

[TestClass]
public sealed class SipHashTests
{
    // The reference implementation's vectors: key 00…0f, input 00, 01, ….
    [TestMethod]
    [DataRow(0, "a3817f04ba25a8e66df67214c7550293")]
    [DataRow(1, "da87c1d86b99af44347659119b22fc45")]
    [DataRow(2, "8177228da4a45dc7fca38bdef60affe4")]
    [DataRow(63, "5150d1772f50834a503e069a973fbd7c")]
    public void Hashes_are_those_of_the_reference_implementation(int length, string expected)
    {
        var hash = SipHash.Of([.. Enumerable.Range(0, 16).Select(i => (byte)i)]).Hash([.. Enumerable.Range(0, length).Select(i => (byte)i)]);

        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash.First);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), hash.Second);
        Assert.AreEqual(expected, Convert.ToHexStringLower(bytes));
    }
}
