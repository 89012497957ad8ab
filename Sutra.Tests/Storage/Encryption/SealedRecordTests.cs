using System.Text;
using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

[TestClass]
public sealed class SealedRecordTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2048)]
    [DataRow(1 << 20)]
    public void What_was_sealed_opens_and_is_longer_by_the_overhead(int length)
    {
        using var ring = RingHarness.Open(new SimulatedDisk());
        var keyId = ring.KeyFor("notes", "ann");
        var plaintext = new byte[length];
        new Random(length).NextBytes(plaintext);
        var data = new byte[1000];
        var record = new byte[length + 100];
        Assert.AreEqual(length + SealedRecord.Overhead, ring.Seal(keyId, plaintext, data, record));

        record = record[..(length + SealedRecord.Overhead)];
        Assert.IsTrue(SealedRecord.TryReadKeyId(record, out var told));
        Assert.AreEqual(keyId, told);
        var opened = new byte[length];
        Assert.AreEqual(OpenResult.Opened, ring.TryOpen(record, data, opened, out var written));
        Assert.AreEqual(length, written);
        CollectionAssert.AreEqual(plaintext, opened);
    }

    [TestMethod]
    public void Every_bit_that_flips_is_noticed_and_nothing_is_given_out()
    {
        using var ring = RingHarness.Open(new SimulatedDisk());
        var record = ring.Seal(ring.KeyFor("notes", "ann"), "the old bridge");
        for (var bit = 0; bit < record.Length * 8; bit++)
        {
            var damaged = record.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            var plaintext = new byte[100];
            var result = ring.TryOpen(damaged, RingHarness.Place, plaintext, out var written);
            Assert.IsTrue(result is OpenResult.Corrupt or OpenResult.UnknownKey, $"bit {bit}: {result}");
            Assert.AreEqual(0, written);
            Assert.IsFalse(plaintext.AsSpan().ContainsAnyExcept((byte)0), $"bit {bit}");
        }
    }

    [TestMethod]
    public void A_record_cut_anywhere_or_found_elsewhere_does_not_open()
    {
        using var ring = RingHarness.Open(new SimulatedDisk());
        var record = ring.Seal(ring.KeyFor("notes", null), "the old bridge");
        for (var length = 0; length < record.Length; length++)
        {
            Assert.AreEqual(OpenResult.Corrupt, ring.TryOpen(record[..length], out _), $"{length} bytes");
        }

        Assert.AreEqual(OpenResult.Corrupt, ring.TryOpen(record, "log 7, record 43"u8, new byte[100], out _));
        Assert.AreEqual(OpenResult.Corrupt, ring.TryOpen(record, [], new byte[100], out _));
    }

    [TestMethod]
    public void Keys_of_other_subjects_collections_and_rings_do_not_open_it()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var record = ring.Seal(ring.KeyFor("notes", "ann"), "the old bridge");
        foreach (var other in new[] { ring.KeyFor("notes", "bob"), ring.KeyFor("notes", null), ring.KeyFor("letters", "ann") })
        {
            var moved = record.ToArray();
            BitConverter.TryWriteBytes(moved.AsSpan(1), other);
            Assert.AreEqual(OpenResult.Corrupt, ring.TryOpen(moved, out _));
        }

        using var another = RingHarness.Open(new SimulatedDisk());
        another.KeyFor("notes", "ann");
        Assert.AreEqual(OpenResult.UnknownKey, another.TryOpen(record, out _));
    }

    [TestMethod]
    public void Nonces_differ_within_a_run_and_over_restarts_that_lose_everything_else()
    {
        var disk = new SimulatedDisk();
        ulong keyId;
        using (var ring = RingHarness.Open(disk))
        {
            keyId = ring.KeyFor("notes", "ann");
        }

        var nonces = new HashSet<string>();
        for (var restart = 0; restart < 20; restart++)
        {
            using var ring = RingHarness.Open(disk.Crash(new Random(restart)));
            for (var i = 0; i < 200; i++)
            {
                Assert.IsTrue(nonces.Add(Convert.ToHexString(ring.Seal(keyId, "the same"), SealedRecord.HeaderSize, Xaes256Gcm.NonceSize)));
            }
        }
    }

    [TestMethod]
    public void A_key_that_is_not_there_seals_nothing_and_says_which()
    {
        using var ring = RingHarness.Open(new SimulatedDisk());
        foreach (var keyId in new ulong[] { 0, 1, 77, ulong.MaxValue })
        {
            var error = Assert.ThrowsExactly<KeyNotUsableException>(() => ring.Seal(keyId, "x"));
            Assert.AreEqual(KeyState.Unknown, error.State);
        }
    }

    [TestMethod]
    public void Many_threads_with_more_keys_than_are_kept_open_read_what_they_wrote()
    {
        using var ring = RingHarness.Open(new SimulatedDisk());
        var scopes = Enumerable.Range(0, 18_000).Select(i => KeyScope.ForSubject("notes", $"person {i}")).ToArray();
        var keyIds = new ulong[scopes.Length];
        ring.KeysFor(scopes, keyIds);
        Parallel.For(0, 4, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 5_000; i++)
            {
                var text = $"{worker} {i}";
                ring.AssertOpens(ring.Seal(keyIds[random.Next(keyIds.Length)], text), text);
            }
        });
    }

    [TestMethod]
    public void Text_is_not_in_the_record()
    {
        using var ring = RingHarness.Open(new SimulatedDisk());
        var record = ring.Seal(ring.KeyFor("notes", "ann"), new string('a', 1000));
        Assert.AreEqual(-1, record.AsSpan().IndexOf(Encoding.ASCII.GetBytes("aaa")));
    }
}
