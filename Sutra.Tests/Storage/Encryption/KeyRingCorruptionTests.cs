using Sutra.Storage.Encryption;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

/// <summary>Damage to the ring's file: refused without a change, or mended, said so, and with every key as it was.</summary>
[TestClass]
public sealed class KeyRingCorruptionTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly List<(byte[] Record, string Text)> _live = [];
    private readonly byte[] _erased;

    public KeyRingCorruptionTests()
    {
        using var ring = RingHarness.Open(_disk);
        foreach (var name in new[] { "ann", "bob", "carl" })
        {
            _live.Add((ring.Seal(ring.KeyFor("a", name), name), name));
        }

        _erased = ring.Seal(ring.KeyFor("a", "dora"), "dora");
        Assert.AreEqual(1, ring.Destroy(KeyScope.ForSubject("a", "dora")));
        _live.Add((ring.Seal(ring.KeyFor("a", "eve"), "eve"), "eve"));
    }

    [TestMethod]
    public void Every_byte_that_changes_is_noticed()
    {
        var bytes = _disk.Read(RingHarness.Ring);
        var mended = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            // Long runs of zeros, that mean nothing, are sampled.
            if (i % 5 != 0 && !bytes.AsSpan(Math.Max(0, i - 40), Math.Min(80, bytes.Length - i)).ContainsAnyExcept((byte)0))
            {
                continue;
            }

            foreach (var value in i < 8192 ? [(byte)(bytes[i] ^ 0x40)] : new[] { (byte)(bytes[i] ^ 0x40), (byte)0, (byte)0xff })
            {
                if (value != bytes[i])
                {
                    var damaged = bytes.ToArray();
                    damaged[i] = value;
                    mended += Check(damaged, $"byte {i} = {value}") ? 1 : 0;
                }
            }
        }

        Assert.IsLessThan((2 * 512) + 100, mended, "only the two records of the length, and marks that look unfinished, are mended");
    }

    [TestMethod]
    public void A_ring_cut_short_anywhere_is_refused()
    {
        var bytes = _disk.Read(RingHarness.Ring);
        for (var length = 0; length < bytes.Length; length += length < 8000 ? 97 : 1)
        {
            Assert.IsFalse(Check(bytes[..length], $"{length} bytes"), $"{length} bytes");
        }
    }

    [TestMethod]
    public void Slots_of_the_ring_cannot_be_exchanged()
    {
        var bytes = _disk.Read(RingHarness.Ring);
        var exchanged = bytes.ToArray();
        bytes.AsSpan(8192, 128).CopyTo(exchanged.AsSpan(8192 + 128));
        bytes.AsSpan(8192 + 128, 128).CopyTo(exchanged.AsSpan(8192));
        Assert.IsFalse(Check(exchanged, "exchanged"));
    }

    [TestMethod]
    public void What_follows_the_last_key_is_cut_off_and_said()
    {
        Assert.IsTrue(Check([.. _disk.Read(RingHarness.Ring), .. new byte[300]], "zeros at the end"));
        Assert.IsTrue(Check([.. _disk.Read(RingHarness.Ring), 1, 2, 3], "three bytes at the end"));
    }

    // True: opened and mended. False: refused.
    private bool Check(byte[] bytes, string because)
    {
        var disk = _disk.Kill();
        disk.Replace(RingHarness.Ring, bytes);
        var log = new LineLogger();
        KeyRing ring;
        try
        {
            ring = RingHarness.Open(disk, logger: log);
        }
        catch (KeyRingException e)
        {
            Assert.DoesNotContain("\n", e.Message);
            CollectionAssert.AreEqual(bytes, disk.Read(RingHarness.Ring), because);
            return false;
        }

        using (ring)
        {
            Assert.HasCount(1, log.Lines, $"{because}: mended in silence");
            foreach (var (record, text) in _live)
            {
                ring.AssertOpens(record, text, because);
            }

            Assert.AreEqual(OpenResult.Erased, ring.TryOpen(_erased, out _), because);
        }

        // Mended for good.
        var second = new LineLogger();
        RingHarness.Open(disk.Kill(), logger: second).Dispose();
        Assert.IsEmpty(second.Lines, because);
        return true;
    }
}
