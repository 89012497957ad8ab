using System.Security.Cryptography;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Tests.Storage.Encryption;

/// <summary>Against the vectors of c2sp.org/XAES-256-GCM.</summary>
[TestClass]
public sealed class Xaes256GcmTests
{
    [TestMethod]
    [DataRow(1, "", "c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271")]
    [DataRow(3, "c2sp.org/XAES-256-GCM", "e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d")]
    public void The_specification_s_vectors_come_out(int key, string associated, string derived, string expected)
    {
        using var cipher = new Xaes256Gcm(RingHarness.KeyBytes((byte)key));
        var messageKey = new byte[32];
        cipher.DeriveKey("ABCDEFGHIJKL"u8, messageKey);
        Assert.AreEqual(derived, Convert.ToHexStringLower(messageKey));

        var plaintext = "XAES-256-GCM"u8.ToArray();
        var result = new byte[plaintext.Length + Xaes256Gcm.TagSize];
        var data = System.Text.Encoding.ASCII.GetBytes(associated);
        cipher.Seal("ABCDEFGHIJKLMNOPQRSTUVWX"u8, plaintext, result.AsSpan(0, plaintext.Length), result.AsSpan(plaintext.Length), data);
        Assert.AreEqual(expected, Convert.ToHexStringLower(result));

        var opened = new byte[plaintext.Length];
        Assert.IsTrue(cipher.TryOpen("ABCDEFGHIJKLMNOPQRSTUVWX"u8, result.AsSpan(0, plaintext.Length), result.AsSpan(plaintext.Length), opened, data));
        CollectionAssert.AreEqual(plaintext, opened);
    }

    [TestMethod]
    public void The_specification_s_ten_thousand_random_messages_hash_to_its_result()
    {
        if (!Shake128.IsSupported)
        {
            Assert.Inconclusive("This platform has no SHAKE-128.");
        }

        // The specification reads a stream; asking for all of it at once needs no OpenSSL 3.3.
        const int Messages = 10_000;
        var stream = Shake128.HashData([], Messages * (32 + 24 + 2 + 510)).AsSpan();
        using var sealedAll = new MemoryStream();
        for (var i = 0; i < Messages; i++)
        {
            var key = Take(ref stream, 32);
            var nonce = Take(ref stream, 24);
            var plaintext = Take(ref stream, Take(ref stream, 1)[0]);
            var data = Take(ref stream, Take(ref stream, 1)[0]);
            using var cipher = new Xaes256Gcm(key);
            var result = new byte[plaintext.Length + Xaes256Gcm.TagSize];
            cipher.Seal(nonce, plaintext, result.AsSpan(0, plaintext.Length), result.AsSpan(plaintext.Length), data);
            sealedAll.Write(result);
        }

        Assert.AreEqual("e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939", Convert.ToHexStringLower(Shake128.HashData(sealedAll.ToArray(), 32)));

        static ReadOnlySpan<byte> Take(ref Span<byte> stream, int count)
        {
            var taken = stream[..count];
            stream = stream[count..];
            return taken;
        }
    }

    [TestMethod]
    public void Threads_that_share_a_key_do_not_disturb_each_other()
    {
        using var cipher = new Xaes256Gcm(RingHarness.KeyBytes(9));
        Parallel.For(0, 4, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 2_000; i++)
            {
                var nonce = new byte[24];
                var plaintext = new byte[random.Next(100)];
                random.NextBytes(nonce);
                random.NextBytes(plaintext);
                var ciphertext = new byte[plaintext.Length];
                var tag = new byte[16];
                cipher.Seal(nonce, plaintext, ciphertext, tag, []);
                var opened = new byte[plaintext.Length];
                Assert.IsTrue(cipher.TryOpen(nonce, ciphertext, tag, opened, []));
                CollectionAssert.AreEqual(plaintext, opened);
            }
        });
    }
}
