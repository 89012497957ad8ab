using Sutra.Storage.Encryption;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

[TestClass]
public sealed class KeyRingDestroyTests
{
    [TestMethod]
    public void A_destroyed_key_s_records_are_erased_now_and_after_a_restart_and_all_others_open()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var annId = ring.KeyFor("a", "ann");
        var ann = ring.Seal(annId, "ann");
        var bob = ring.Seal(ring.KeyFor("a", "bob"), "bob");
        ring.AssertOpens(ann, "ann");
        Assert.AreEqual(1, ring.Destroy(KeyScope.ForSubject("a", "ann")));
        Assert.AreEqual(0, ring.Destroy(KeyScope.ForSubject("a", "ann")));

        Check(ring);
        using var again = RingHarness.Open(disk.Crash(new Random(1)));
        Check(again);

        void Check(KeyRing one)
        {
            Assert.AreEqual(OpenResult.Erased, one.TryOpen(ann, out _));
            Assert.AreEqual(KeyState.Destroyed, one.State(annId));
            Assert.AreEqual(KeyState.Destroyed, Assert.ThrowsExactly<KeyNotUsableException>(() => one.Seal(annId, "x")).State);
            Assert.IsFalse(one.TryFind(KeyScope.ForSubject("a", "ann"), out _));
            one.AssertOpens(bob, "bob");
            Assert.AreEqual(1, one.Statistics.Destroyed);
        }
    }

    [TestMethod]
    public void Keys_of_files_that_are_gone_are_destroyed_together_and_those_of_nothing_else()
    {
        var disk = new SimulatedDisk();
        var files = Enumerable.Range(0, 6).Select(i => new Guid(i, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])).ToArray();
        ulong[] keys;
        ulong other, subject;
        using (var ring = RingHarness.Open(disk))
        {
            keys = [.. files.Take(5).Select(file => ring.KeyFor(KeyScope.ForFile("a", file)))];
            other = ring.KeyFor(KeyScope.ForFile("b", files[1]));
            subject = ring.KeyFor("a", "ann");
            Assert.AreEqual(0, ring.DestroyFiles("a", files, []));
        }

        using (var ring = RingHarness.Open(disk))
        {
            var before = disk.Flushes;
            var asked = new List<Guid>();
            Assert.AreEqual(3, ring.DestroyFiles("a", [files[0], files[4]], Asked()));
            Assert.HasCount(4, asked, "no further than the last that has a key");
            Assert.IsLessThanOrEqualTo(2, disk.Flushes - before);

            IEnumerable<Guid> Asked()
            {
                foreach (var file in new[] { files[3], files[5], files[2], files[1], files[5], files[5] })
                {
                    asked.Add(file);
                    yield return file;
                }
            }
        }

        using var again = RingHarness.Open(disk);
        KeyState[] expected = [KeyState.Live, KeyState.Destroyed, KeyState.Destroyed, KeyState.Destroyed, KeyState.Live];
        CollectionAssert.AreEqual(expected, keys.Select(again.State).ToArray());
        Assert.AreEqual(KeyState.Live, again.State(other));
        Assert.AreEqual(KeyState.Live, again.State(subject));
    }

    [TestMethod]
    public void Nothing_of_the_key_or_of_whose_it_was_is_left_in_the_folder()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        ring.KeyFor("a", "ann");
        ring.KeyFor("a", "bob");
        using var masters = RingHarness.Master(1);
        ring.RotateMaster(masters);
        var slot = disk.Read(RingHarness.Ring).AsSpan(8192, 128).ToArray();
        ring.DestroySubject("ann");

        // Tags of the names, nonce, wrapped key, tag of the seal: no 8 bytes of them in a row are anywhere. The collection's tag is bob's, too.
        var bytes = RingHarness.AllBytes(disk).AsSpan();
        for (var i = 48; i + 8 <= 124; i++)
        {
            Assert.AreEqual(-1, bytes.IndexOf(slot.AsSpan(i, 8)), $"bytes {i} to {i + 8} of the key's slot");
        }

        Assert.IsFalse(bytes.Slice(8192 + 24, 104).ContainsAnyExcept((byte)0));
        CollectionAssert.AreEqual(new[] { "ring" }, disk.ListFiles(RingHarness.Folder).ToArray());
    }

    [TestMethod]
    public void A_subject_goes_from_all_collections_and_a_collection_goes_with_all_its_keys()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var records = (from collection in new[] { "a", "b" }
                       from subject in new[] { "ann", "bob", null }
                       select (collection, subject, record: ring.Seal(ring.KeyFor(collection, subject), "x"))).ToList();
        var file = ring.Seal(ring.KeyFor(KeyScope.ForFile("b", Guid.NewGuid())), "x");
        Assert.AreEqual(2, ring.DestroySubject("ann"));
        Assert.AreEqual(0, ring.DestroySubject("nobody"));
        Expect(ring, one => one.subject == "ann");
        Assert.AreEqual(OpenResult.Opened, ring.TryOpen(file, out _));

        Assert.AreEqual(3, ring.DestroyCollection("b"));
        Expect(ring, one => one.subject == "ann" || one.collection == "b");
        Assert.AreEqual(OpenResult.Erased, ring.TryOpen(file, out _));
        using var again = RingHarness.Open(disk.Kill());
        Expect(again, one => one.subject == "ann" || one.collection == "b");

        void Expect(KeyRing one, Func<(string collection, string? subject, byte[] record), bool> erased)
        {
            foreach (var item in records)
            {
                Assert.AreEqual(erased(item) ? OpenResult.Erased : OpenResult.Opened, one.TryOpen(item.record, out _), $"{item.collection} {item.subject}");
            }
        }
    }

    [TestMethod]
    public void A_subject_that_comes_back_gets_another_key()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var first = ring.KeyFor("a", "ann");
        var before = ring.Seal(first, "before");
        ring.DestroySubject("ann");
        var second = ring.KeyFor("a", "ann");
        Assert.AreNotEqual(first, second);
        var after = ring.Seal(second, "after");
        using var again = RingHarness.Open(disk.Kill());
        Assert.AreEqual(OpenResult.Erased, again.TryOpen(before, out _));
        again.AssertOpens(after, "after");
    }

    [TestMethod]
    public void A_cut_at_any_moment_leaves_it_whole_or_gone_and_gone_when_it_was_acknowledged()
    {
        var start = new SimulatedDisk();
        byte[] ann, bob;
        using (var ring = RingHarness.Open(start))
        {
            ann = ring.Seal(ring.KeyFor("a", "ann"), "ann");
            bob = ring.Seal(ring.KeyFor("a", "bob"), "bob");
        }

        var outcomes = new Dictionary<OpenResult, int>();
        RingHarness.CutEverywhere(
            start,
            disk =>
            {
                using var ring = RingHarness.Open(disk);
                ring.Destroy(KeyScope.ForSubject("a", "ann"));
            },
            (disk, acknowledged, because) =>
            {
                using var ring = RingHarness.Open(disk);
                ring.AssertOpens(bob, "bob", because);
                var result = ring.TryOpen(ann, out _);
                Assert.IsTrue(result == OpenResult.Erased || (result == OpenResult.Opened && !acknowledged), $"{because}: {result}");
                outcomes[result] = outcomes.GetValueOrDefault(result) + 1;
                if (result == OpenResult.Erased)
                {
                    Assert.IsFalse(disk.Read(RingHarness.Ring).AsSpan(8192 + 24, 104).ContainsAnyExcept((byte)0), $"{because}: not wiped");
                }
            });
        Assert.HasCount(2, outcomes, "both happen");
    }

    [TestMethod]
    public void A_write_that_stops_short_anywhere_in_the_mark_is_no_damage()
    {
        for (var room = 0; room < 160; room++)
        {
            var disk = new SimulatedDisk();
            using var ring = RingHarness.Open(disk);
            var ann = ring.Seal(ring.KeyFor("a", "ann"), "ann");
            disk.WritableBytes = room;
            var acknowledged = false;
            try
            {
                ring.Destroy(KeyScope.ForSubject("a", "ann"));
                acknowledged = true;
            }
            catch (KeyRingUnavailableException)
            {
                Assert.AreEqual(OpenResult.Erased, ring.TryOpen(ann, out _), "nobody reads what was to be erased");
                Assert.IsNotNull(ring.Failure);
            }

            var log = new LineLogger();
            using var again = RingHarness.Open(disk.Kill(), logger: log);
            var result = again.TryOpen(ann, out _);
            // A mark that happens to end in zeros is whole before its last byte is written.
            Assert.IsTrue(room is >= 8 and < 16 || result == (room < 16 ? OpenResult.Opened : OpenResult.Erased), $"{room} bytes: {result}");
            Assert.AreEqual(room >= 144, acknowledged);
        }
    }

    [TestMethod]
    public void Readers_and_writers_beside_a_destruction_see_it_whole_or_erased()
    {
        using var ring = RingHarness.Open(new SimulatedDisk());
        for (var round = 0; round < 30; round++)
        {
            var keyId = ring.KeyFor("a", "ann");
            var record = ring.Seal(keyId, "ann");
            using var stop = new CancellationTokenSource();
            var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                var erased = false;
                while (!stop.IsCancellationRequested || !erased)
                {
                    var result = ring.TryOpen(record, out var text);
                    Assert.IsTrue(erased ? result == OpenResult.Erased : result is OpenResult.Erased or OpenResult.Opened, result.ToString());
                    Assert.IsTrue(result == OpenResult.Erased || text == "ann");
                    erased = result == OpenResult.Erased;
                    try
                    {
                        ring.Seal(keyId, "more");
                    }
                    catch (KeyNotUsableException)
                    {
                        // Destroyed.
                    }
                }
            })).ToArray();
            ring.DestroySubject("ann");
            Assert.AreEqual(OpenResult.Erased, ring.TryOpen(record, out _));
            stop.Cancel();
            Task.WaitAll(readers);
        }
    }
}
