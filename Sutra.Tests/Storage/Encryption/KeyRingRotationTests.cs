using Sutra.Storage.Encryption;
using Sutra.Storage.Files;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

[TestClass]
public sealed class KeyRingRotationTests
{
    [TestMethod]
    public void After_a_rotation_the_new_master_key_opens_everything_and_the_old_one_nothing()
    {
        var disk = Start(out var records, out var erased);
        var before = disk.Read(RingHarness.Ring);
        using (var both = RingHarness.Master(2, 1))
        using (var ring = KeyRing.Open(disk, RingHarness.Folder, both))
        {
            Assert.IsTrue(ring.NeedsRotation);
            ring.RotateMaster(both);
            Assert.IsFalse(ring.NeedsRotation);
            Assert.AreEqual(both.Current, ring.Master);
            Verify(ring, records, erased);
            records.Add(ring.Seal(ring.KeyFor("a", "late"), "late"), "late");
        }

        // Not one wrapped key is as it was: each is wrapped again, under another ring key.
        var after = disk.Read(RingHarness.Ring);
        for (var slot = 8192; slot < before.Length; slot += 128)
        {
            Assert.IsTrue(before[slot] != 0 || !before.AsSpan(slot + 64, 60).SequenceEqual(after.AsSpan(slot + 64, 60)));
        }

        Assert.ThrowsExactly<WrongMasterKeyException>(() => RingHarness.Open(disk.Kill(), master: 1));
        using var again = RingHarness.Open(disk.Kill(), master: 2, mayCreate: false);
        Verify(again, records, erased);
        Assert.IsFalse(again.NeedsRotation);
    }

    [TestMethod]
    public void A_cut_at_any_file_operation_leaves_a_ring_that_one_of_the_two_keys_opens()
    {
        var start = Start(out var records, out var erased);
        var masters = new HashSet<string>();
        var operations = RingHarness.CutEverywhere(
            start,
            disk =>
            {
                using var both = RingHarness.Master(2, 1);
                using var ring = KeyRing.Open(disk, RingHarness.Folder, both);
                ring.RotateMaster(both);
            },
            (disk, acknowledged, because) =>
            {
                using var both = RingHarness.Master(2, 1);
                using var ring = KeyRing.Open(disk, RingHarness.Folder, both);
                masters.Add(ring.Master.ToString());
                Assert.IsTrue(!acknowledged || ring.Master == both.Current, because);
                Verify(ring, records, erased, because);
                CollectionAssert.AreEqual(new[] { "ring" }, disk.ListFiles(RingHarness.Folder).ToArray(), because);
                ring.RotateMaster(both);
                Verify(ring, records, erased, because);
            });
        Assert.IsGreaterThan(8, operations);
        Assert.HasCount(2, masters, "both happen");
    }

    [TestMethod]
    public void A_rotation_without_room_changes_nothing_and_can_be_tried_again()
    {
        var disk = Start(out var records, out var erased);
        using var both = RingHarness.Master(2, 1);
        using var ring = KeyRing.Open(disk, RingHarness.Folder, both);
        disk.WritableBytes = 5000;
        var error = Assert.ThrowsExactly<KeyRingException>(() => ring.RotateMaster(both));
        Assert.DoesNotContain("\n", error.Message);
        disk.WritableBytes = null;
        Assert.IsNull(ring.Failure);
        Verify(ring, records, erased);
        RingHarness.Open(disk.Kill(), master: 1).Dispose();

        ring.RotateMaster(both);
        Verify(ring, records, erased);
        RingHarness.Open(disk.Kill(), master: 2).Dispose();
    }

    [TestMethod]
    public void Readers_and_new_subjects_go_on_during_rotations()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var scopes = Enumerable.Range(0, 300).Select(i => KeyScope.ForSubject("a", $"{i}")).ToArray();
        var keyIds = new ulong[300];
        ring.KeysFor(scopes, keyIds);
        var records = keyIds.Select((keyId, i) => ring.Seal(keyId, $"{i}")).ToArray();
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                ring.AssertOpens(records[i % 300], $"{i % 300}");
                ring.KeyFor("a", $"new {i % 500}");
            }
        });
        for (byte master = 2; master < 12; master++)
        {
            using var masters = RingHarness.Master(master);
            ring.RotateMaster(masters);
        }

        stop.Cancel();
        reader.Wait();
        using var again = RingHarness.Open(disk.Kill(), master: 11);
        for (var i = 0; i < records.Length; i++)
        {
            again.AssertOpens(records[i], $"{i}");
        }
    }

    [TestMethod]
    public void The_file_before_is_made_unreadable()
    {
        var disk = new HandleKeepingDisk();
        using (RingHarness.Open(disk.Disk))
        {
        }

        using var both = RingHarness.Master(2, 1);
        using var ring = KeyRing.Open(disk, RingHarness.Folder, both);
        ring.RotateMaster(both);
        var old = disk.Opened[0];
        Assert.IsFalse(old.AsSpan(0, 4096).ContainsAnyExcept((byte)0), "the wrapped secrets of the old file are still in its blocks");
    }

    [TestMethod]
    public void A_real_disk_does_as_the_simulated_one()
    {
        using var folder = new TemporaryFolder();
        var keys = folder.File("data/keys");
        var disk = new DiskFileSystem();
        byte[] ann, bob;
        using (var masters = RingHarness.Master(1))
        using (var ring = KeyRing.Open(disk, keys, masters))
        {
            ann = ring.Seal(ring.KeyFor("a", "ann"), "ann");
            bob = ring.Seal(ring.KeyFor("a", "bob"), "bob");
            using var next = RingHarness.Master(2);
            ring.RotateMaster(next);
            ring.DestroySubject("ann");
            ring.AssertOpens(bob, "bob");
        }

        using var last = RingHarness.Master(2);
        using var again = KeyRing.Open(disk, keys, last, mayCreate: false);
        again.AssertOpens(bob, "bob");
        Assert.AreEqual(OpenResult.Erased, again.TryOpen(ann, out _));
        CollectionAssert.AreEqual(new[] { "ring" }, disk.ListFiles(keys).ToArray());
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(keys));
        }
    }

    private static SimulatedDisk Start(out Dictionary<byte[], string> records, out byte[] erased)
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk, master: 1);
        records = [];
        foreach (var name in new[] { "ann", "bob", "carl", "dora" })
        {
            records.Add(ring.Seal(ring.KeyFor("a", name), name), name);
        }

        erased = ring.Seal(ring.KeyFor("a", "eve"), "eve");
        ring.Destroy(KeyScope.ForSubject("a", "eve"));
        return disk;
    }

    private static void Verify(KeyRing ring, Dictionary<byte[], string> records, byte[] erased, string because = "")
    {
        foreach (var (record, name) in records)
        {
            ring.AssertOpens(record, name, because);
        }

        Assert.IsTrue(ring.TryFind(KeyScope.ForSubject("a", "ann"), out _), because);
        Assert.AreEqual(OpenResult.Erased, ring.TryOpen(erased, out _), because);
    }
}
