using Sutra.Storage.Encryption;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

[TestClass]
public sealed class KeyRingTests
{
    [TestMethod]
    public void Keys_are_the_same_after_a_restart_and_their_records_open()
    {
        var disk = new SimulatedDisk();
        var sealedBefore = new List<(KeyScope Scope, ulong KeyId, byte[] Record)>();
        using (var ring = RingHarness.Open(disk))
        {
            foreach (var scope in new[] { KeyScope.ForCollection("a"), KeyScope.ForSubject("a", "ann"), KeyScope.ForSubject("b", "ann"), KeyScope.ForFile("a", Guid.NewGuid()) })
            {
                var keyId = ring.KeyFor(scope);
                sealedBefore.Add((scope, keyId, ring.Seal(keyId, scope.Name)));
            }

            Assert.AreEqual(4, sealedBefore.Select(one => one.KeyId).Distinct().Count());
        }

        using var again = RingHarness.Open(disk.Kill(), mayCreate: false);
        foreach (var (scope, keyId, record) in sealedBefore)
        {
            Assert.IsTrue(again.TryFind(scope, out var found));
            Assert.AreEqual(keyId, found);
            Assert.AreEqual(keyId, again.KeyFor(scope));
            Assert.AreEqual(KeyState.Live, again.State(keyId));
            again.AssertOpens(record, scope.Name);
        }

        Assert.IsFalse(again.TryFind(KeyScope.ForSubject("a", "bob"), out _));
        Assert.AreEqual(new KeyRingStatistics(4, 0, 8192 + (4 * 128)), again.Statistics);
    }

    [TestMethod]
    public void Keys_made_together_cost_two_flushes_and_equal_scopes_share_one()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var before = disk.Flushes;
        var scopes = Enumerable.Range(0, 100).Select(i => KeyScope.ForSubject("a", $"{i % 50}")).ToArray();
        var keyIds = new ulong[100];
        ring.KeysFor(scopes, keyIds);
        Assert.AreEqual(before + 2, disk.Flushes);
        Assert.AreEqual(50, keyIds.Distinct().Count());
        CollectionAssert.AreEqual(keyIds[..50], keyIds[50..]);
        Assert.DoesNotContain(0UL, keyIds);

        ring.KeysFor(scopes, keyIds);
        Assert.AreEqual(before + 2, disk.Flushes);
    }

    [TestMethod]
    public void Callers_that_ask_for_one_subject_at_once_get_one_key()
    {
        using var ring = RingHarness.Open(new SimulatedDisk());
        var keyIds = new ulong[800];
        Parallel.For(0, keyIds.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => keyIds[i] = ring.KeyFor("a", $"person {i % 40}"));
        for (var i = 0; i < keyIds.Length; i++)
        {
            Assert.AreEqual(keyIds[i % 40], keyIds[i]);
        }

        Assert.AreEqual(40, ring.Statistics.Live);
    }

    [TestMethod]
    public void A_wrong_master_key_is_named_beside_the_right_one_and_changes_nothing()
    {
        var disk = new SimulatedDisk();
        using (var ring = RingHarness.Open(disk, master: 1))
        {
            ring.KeyFor("a", "ann");
        }

        // Even what a start with the right key would mend or remove stays.
        disk.Replace(RingHarness.Ring, [.. disk.Read(RingHarness.Ring), 1, 2, 3]);
        disk.Replace(RingHarness.Ring + ".new", [4, 5, 6]);
        var before = RingHarness.AllBytes(disk);
        disk.Fault = (operation, _) => Assert.IsTrue(operation is "open" or "length", operation);
        using var wrong = RingHarness.Master(2, 3);
        using var right = RingHarness.Master(1);
        var error = Assert.ThrowsExactly<WrongMasterKeyException>(() => KeyRing.Open(disk, RingHarness.Folder, wrong));
        Assert.Contains(right.Current.ToString(), error.Message);
        Assert.Contains(wrong.Known[0].ToString(), error.Message);
        Assert.Contains(wrong.Known[1].ToString(), error.Message);
        Assert.DoesNotContain("\n", error.Message);
        CollectionAssert.AreEqual(before, RingHarness.AllBytes(disk));
    }

    [TestMethod]
    public void A_missing_ring_is_made_only_where_one_may_be_missing()
    {
        var disk = new SimulatedDisk();
        Assert.IsFalse(KeyRing.Exists(disk, RingHarness.Folder));
        Assert.ThrowsExactly<KeyRingException>(() => RingHarness.Open(disk, mayCreate: false));
        Assert.IsEmpty(disk.ListFiles(RingHarness.Folder));
        RingHarness.Open(disk).Dispose();
        Assert.IsTrue(KeyRing.Exists(disk, RingHarness.Folder));
    }

    [TestMethod]
    public void A_renewed_key_seals_from_then_on_and_the_one_before_still_opens()
    {
        var disk = new SimulatedDisk();
        ulong first, second;
        byte[] old, young;
        var scope = KeyScope.ForCollection("a");
        using (var ring = RingHarness.Open(disk))
        {
            first = ring.KeyFor(scope);
            old = ring.Seal(first, "old");
            second = ring.Renew(scope);
            Assert.AreNotEqual(first, second);
            Assert.AreEqual(second, ring.KeyFor(scope));
            young = ring.Seal(second, "young");
        }

        using var again = RingHarness.Open(disk.Kill());
        Assert.AreEqual(second, again.KeyFor(scope));
        again.AssertOpens(old, "old");
        again.AssertOpens(young, "young");
        Assert.AreEqual(2, again.Destroy(scope));
        Assert.AreEqual(OpenResult.Erased, again.TryOpen(old, out _));
        Assert.AreEqual(OpenResult.Erased, again.TryOpen(young, out _));
    }

    [TestMethod]
    public void After_a_failed_flush_nothing_new_is_made_and_everything_else_goes_on()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var ann = ring.KeyFor("a", "ann");
        disk.Fault = (operation, _) =>
        {
            if (operation == "flush")
            {
                throw new IOException("broken");
            }
        };
        Assert.ThrowsExactly<KeyRingUnavailableException>(() => ring.KeyFor("a", "bob"));
        disk.Fault = null;
        Assert.IsNotNull(ring.Failure);
        Assert.ThrowsExactly<KeyRingUnavailableException>(() => ring.KeyFor("a", "bob"));
        Assert.ThrowsExactly<KeyRingUnavailableException>(() => ring.Renew(KeyScope.ForCollection("a")));
        Assert.ThrowsExactly<KeyRingUnavailableException>(() => ring.DestroySubject("ann"));
        Assert.AreEqual(ann, ring.KeyFor("a", "ann"));
        ring.AssertOpens(ring.Seal(ann, "text"), "text");

        using var again = RingHarness.Open(disk.Kill());
        Assert.IsNull(again.Failure);
        again.KeyFor("a", "bob");
        Assert.AreEqual(ann, again.KeyFor("a", "ann"));
    }

    [TestMethod]
    public void A_disk_that_fills_up_takes_the_key_or_refuses_it_and_loses_none()
    {
        for (var room = 0; room < 900; room += 7)
        {
            var disk = new SimulatedDisk();
            ulong ann;
            using (var ring = RingHarness.Open(disk))
            {
                ann = ring.KeyFor("a", "ann");
                disk.WritableBytes = room;
                try
                {
                    ring.KeyFor("a", "bob");
                }
                catch (KeyRingUnavailableException)
                {
                    // Full.
                }

                disk.WritableBytes = null;
            }

            using var again = RingHarness.Open(disk.Kill());
            Assert.AreEqual(ann, again.KeyFor("a", "ann"), $"{room} bytes");
            again.KeyFor("a", "bob");
        }
    }

    [TestMethod]
    public void No_name_of_a_person_or_collection_is_in_the_ring_or_in_what_is_logged()
    {
        var disk = new SimulatedDisk();
        var log = new LineLogger();
        using var ring = RingHarness.Open(disk, logger: log);
        ring.KeyFor("collection-of-letters", "ann@example.org");
        ring.DestroySubject("ann@example.org");
        var bytes = RingHarness.AllBytes(disk);
        Assert.AreEqual(-1, bytes.AsSpan().IndexOf("letters"u8));
        Assert.AreEqual(-1, bytes.AsSpan().IndexOf("ann@"u8));
        Assert.IsNotEmpty(log.Lines);
        Assert.IsFalse(log.Lines.Exists(line => line.Contains("ann@") || line.Contains("letters")));
        Assert.DoesNotContain("ann", KeyScope.ForSubject("a", "ann").ToString());
    }

    [TestMethod]
    public void The_ids_of_a_ring_that_was_set_back_are_told_as_unknown_when_they_come_again()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        ring.KeyFor("a", "ann");
        var copy = disk.Kill();
        var lost = ring.Seal(ring.KeyFor("a", "bob"), "lost with the disk");

        using var restored = RingHarness.Open(copy);
        restored.KeyFor("a", "carl");
        Assert.AreEqual(OpenResult.UnknownKey, restored.TryOpen(lost, out _));
    }
}
