using Sutra.Storage.Encryption;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

/// <summary>Lives of a ring that end in a power cut at any file operation: what was acknowledged holds.</summary>
[TestClass]
public sealed class KeyRingPowerCutTests
{
    [TestMethod]
    public void Making_the_ring_is_all_or_nothing()
    {
        var operations = RingHarness.CutEverywhere(new SimulatedDisk(), disk => RingHarness.Open(disk).Dispose(), (disk, acknowledged, because) =>
        {
            Assert.IsTrue(!acknowledged || KeyRing.Exists(disk, RingHarness.Folder), because);
            using var ring = RingHarness.Open(disk);
            ring.AssertOpens(ring.Seal(ring.KeyFor("a", "ann"), "text"), "text", because);
        });
        Assert.IsGreaterThan(5, operations);
    }

    [TestMethod]
    public void A_key_that_was_handed_out_is_there_after_any_cut()
    {
        var start = Start(out var ann);
        byte[]? record = null;
        RingHarness.CutEverywhere(
            start,
            disk =>
            {
                record = null;
                using var ring = RingHarness.Open(disk);
                record = ring.Seal(ring.KeyFor("a", "bob"), "bob");
            },
            (disk, acknowledged, because) =>
            {
                using var ring = RingHarness.Open(disk);
                ring.AssertOpens(ann, "ann", because);
                if (record is not null)
                {
                    ring.AssertOpens(record, "bob", because);
                }

                ring.AssertOpens(ring.Seal(ring.KeyFor("a", "bob"), "again"), "again", because);
            });
    }

    [TestMethod]
    public void Random_lives_keep_what_they_acknowledged()
    {
        for (var seed = 0; seed < 120; seed++)
        {
            RunLives(new Random(seed), $"seed {seed}");
        }
    }

    [TestMethod]
    public void The_test_above_notices_a_disk_whose_flushes_do_nothing()
    {
        var noticed = 0;
        for (var seed = 0; seed < 12; seed++)
        {
            try
            {
                RunLives(new Random(seed), $"seed {seed}", flushesLie: true);
            }
            catch (Exception e) when (e is AssertFailedException or KeyRingException)
            {
                noticed++;
            }
        }

        Assert.IsGreaterThan(6, noticed);
    }

    private static SimulatedDisk Start(out byte[] ann)
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        ann = ring.Seal(ring.KeyFor("a", "ann"), "ann");
        return disk;
    }

    private static void RunLives(Random random, string because, bool flushesLie = false)
    {
        var disk = new SimulatedDisk { FlushesLie = flushesLie };
        var records = new Dictionary<string, byte[]>();
        var erased = new List<byte[]>();
        byte master = 1;
        for (var life = 0; life < 6; life++)
        {
            var left = random.Next(2, 60);
            disk.Fault = (_, _) =>
            {
                if (left-- <= 0)
                {
                    throw new IOException("the power is gone");
                }
            };
            string? leaving = null;
            try
            {
                using var masters = RingHarness.Master((byte)(life + 1), Enumerable.Range(1, life).Select(i => (byte)i).ToArray());
                using var ring = KeyRing.Open(disk, RingHarness.Folder, masters, mayCreate: true);
                Verify(ring);
                if (ring.NeedsRotation && random.Next(2) == 0)
                {
                    ring.RotateMaster(masters);
                    Assert.AreEqual(masters.Current, ring.Master);
                }

                for (var i = 0; i < 20; i++)
                {
                    var name = $"{life} {i}";
                    records[name] = ring.Seal(ring.KeyFor("a", name), name);
                    if (random.Next(3) == 0)
                    {
                        leaving = records.Keys.ElementAt(random.Next(records.Count));
                        ring.Destroy(KeyScope.ForSubject("a", leaving));
                        erased.Add(records[leaving]);
                        records.Remove(leaving);
                        leaving = null;
                    }
                }
            }
            catch (Exception e) when (e is IOException || (e is KeyRingException && e is not KeyRingCorruptException))
            {
                // The cut.
            }

            // A destruction that was not acknowledged may have happened or not.
            if (leaving is not null)
            {
                records.Remove(leaving);
            }

            disk = disk.Crash(random);
            disk.FlushesLie = flushesLie;
            master = (byte)(life + 1);
        }

        using var all = RingHarness.Master(master, Enumerable.Range(1, master - 1).Select(i => (byte)i).ToArray());
        using var last = KeyRing.Open(disk, RingHarness.Folder, all);
        Verify(last);

        void Verify(KeyRing ring)
        {
            foreach (var (text, record) in records)
            {
                ring.AssertOpens(record, text, because);
            }

            foreach (var record in erased)
            {
                Assert.AreEqual(OpenResult.Erased, ring.TryOpen(record, out _), because);
            }
        }
    }
}
