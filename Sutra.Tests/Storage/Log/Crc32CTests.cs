using Sutra.Storage.Log;

namespace Sutra.Tests.Storage.Log;

[TestClass]
public sealed class Crc32CTests
{
    // The check value of CRC-32C, and the vectors of RFC 3720 B.4.
    [TestMethod]
    public void The_checksum_is_the_published_one()
    {
        Assert.AreEqual(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.AreEqual(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.AreEqual(0x46DD794Eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
    }

    [TestMethod]
    public void Parts_add_up_to_the_whole()
    {
        var bytes = new byte[100];
        new Random(1).NextBytes(bytes);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.AreEqual(Crc32C.Compute(bytes), Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
    }
}
