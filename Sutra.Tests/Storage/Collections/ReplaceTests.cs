using Sutra.Storage.Collections;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Encryption;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Collections;

[TestClass]
public sealed class ReplaceTests
{
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(5);

    private readonly SimulatedDisk _disk = new();

    [TestMethod]
    [DataRow("notes")]
    [DataRow("default")]
    public async Task Another_body_takes_a_collection_s_name_and_aliases_in_one_step_and_the_old_one_is_gone(string name)
    {
        using (var store = CollectionHarness.Open(_disk, EncryptionMode.Content))
        {
            await PrepareAsync(store, name);
            store.SetAlias("live", name);
            CollectionAssert.AreEqual(new[] { name }, store.List().Select(one => one.Name).Where(one => one == name || one == "other").ToList(), "not listed before");
            var old = store.Get(name);
            await SwitchAsync(store);
            Assert.AreEqual("new", ContentOf(store.Get(name)));
            Assert.AreEqual("new", ContentOf(store.Get("live")));
            Assert.AreEqual("model-b", store.Describe(name).Settings.Model);
            Assert.ThrowsExactly<CollectionNotFoundException>(() => store.Get("other"));
            Assert.ThrowsExactly<CollectionMovingException>(() => old.Count(), "who still has the old body is sent to the new one");
            Assert.HasCount(1, _disk.ListFolders(CollectionHarness.Folder));
            Assert.IsFalse(name == "default" && _disk.ListFolders("/data").Contains("log"), "the data folder keeps nothing of the first body");
        }

        using var reopened = CollectionHarness.Open(_disk, EncryptionMode.Content);
        Assert.AreEqual("new", ContentOf(reopened.Get("live")));
        Assert.AreEqual("new", ContentOf(reopened.Get(name)));
        await reopened.Get(name).LearnAsync(EngineHarness.Concept("after") with { Model = "model-b" });

        // And once more: nothing of the first time is in the way.
        await PrepareAsync(reopened, name, learn: false);
        await SwitchAsync(reopened);
        Assert.AreEqual("new", ContentOf(reopened.Get(name)));
    }

    [TestMethod]
    [DataRow("notes")]
    [DataRow("default")]
    public async Task Power_that_goes_during_the_switch_leaves_the_one_or_the_other(string name)
    {
        using (var store = CollectionHarness.Open(_disk, EncryptionMode.Content))
        {
            await PrepareAsync(store, name);
        }

        var switched = 0;
        for (var operations = 0; operations < 45; operations++)
        {
            var disk = _disk.Kill();
            using (var store = CollectionHarness.Open(disk, EncryptionMode.Content))
            {
                var changes = await store.FollowAsync("other", "me", "", "", 0, 0, TimeSpan.Zero);
                await store.FollowAsync("other", "me", "", changes.Epoch, changes.UpTo, 0, s_hold);
                var left = operations;
                disk.Fault = (_, _) =>
                {
                    if (left-- <= 0)
                    {
                        throw new IOException("the power is gone");
                    }
                };
                try
                {
                    store.Replace("other", "me", changes.Epoch, changes.UpTo);
                }
                catch (IOException)
                {
                    // Nobody was told that it is done.
                }
            }

            foreach (var after in new[] { disk.Kill(), disk.Crash(new Random(operations)) })
            {
                using var store = CollectionHarness.Open(after, EncryptionMode.Content);
                var content = ContentOf(store.Get(name));
                var waits = store.List(replacements: true).Any(one => one.Replacement is not null);
                Assert.AreEqual(waits ? "old" : "new", content, $"cut at operation {operations}");
                Assert.IsEmpty(store.Unknown);
                Assert.HasCount(waits && name == "notes" ? 2 : 1, after.ListFolders(CollectionHarness.Folder), $"cut at operation {operations}");
                Assert.AreEqual(name == "notes" || waits, after.ListFolders("/data").Contains("log"), $"cut at operation {operations}");
                switched += waits ? 0 : 1;
            }
        }

        Assert.IsTrue(switched is > 10 and < 90, $"{switched} of 90 were switched: it was cut before and after");
    }

    [TestMethod]
    public async Task What_changes_while_another_body_is_filled_is_told_and_nothing_is_switched_without_it()
    {
        using var store = CollectionHarness.Open(_disk);
        await PrepareAsync(store, "notes");
        var begun = await store.FollowAsync("other", "me", "", "", 0, 0, TimeSpan.Zero);
        var learned = await store.Get("notes").LearnAsync(EngineHarness.Concept("meanwhile"));
        await store.Get("notes").LearnAsync(EngineHarness.Concept("meanwhile"));
        var changes = await store.FollowAsync("other", "me", "", begun.Epoch, begun.UpTo, 100, TimeSpan.Zero);
        Assert.AreEqual(learned.Id, changes.Ids.Single(), "what changed twice is told once");
        Assert.IsFalse(changes.More);

        Assert.ThrowsExactly<CollectionConflictException>(() => store.Replace("other", "me", begun.Epoch, changes.UpTo), "it is not held");
        await store.FollowAsync("other", "me", "", begun.Epoch, changes.UpTo, 0, s_hold);
        Assert.ThrowsExactly<CollectionConflictException>(() => store.Replace("other", "me", begun.Epoch, begun.UpTo), "a change is missing");
        Assert.ThrowsExactly<CollectionConflictException>(() => store.Replace("other", "me", "another", changes.UpTo));
        Assert.AreEqual(2, store.Get("notes").Statistics.Concepts);
        store.Replace("other", "me", begun.Epoch, changes.UpTo);
    }

    [TestMethod]
    public async Task Of_two_who_would_fill_another_body_the_second_waits_until_the_first_is_not_heard_of()
    {
        var time = new ManualTime();
        using var store = CollectionHarness.Open(_disk, time: time);
        await PrepareAsync(store, "notes");
        await store.FollowAsync("other", "me", "", "", 0, 0, TimeSpan.Zero);
        await Assert.ThrowsExactlyAsync<CollectionConflictException>(() => store.FollowAsync("other", "you", "", "", 0, 0, TimeSpan.Zero));
        Assert.AreEqual((true, ""), store.Progress(store.Describe("other").Id));
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.IsFalse(store.Progress(store.Describe("other").Id).IsWorking);
        await store.FollowAsync("other", "you", "", "", 0, 0, TimeSpan.Zero);
        await Assert.ThrowsExactlyAsync<CollectionConflictException>(() => store.FollowAsync("other", "me", "", "", 0, 0, TimeSpan.Zero));

        // Who gives it up lets the next one at once.
        await store.FollowAsync("other", "you", "it went wrong", "", 0, 0, TimeSpan.Zero);
        Assert.AreEqual((false, "it went wrong"), store.Progress(store.Describe("other").Id));
        await store.FollowAsync("other", "me", "", "", 0, 0, TimeSpan.Zero);
    }

    [TestMethod]
    public async Task Changes_that_come_while_a_collection_is_held_are_sent_where_it_is_afterwards()
    {
        using var store = CollectionHarness.Open(_disk);
        await PrepareAsync(store, "notes");
        var begun = await store.FollowAsync("other", "me", "", "", 0, 0, TimeSpan.Zero);
        await store.FollowAsync("other", "me", "", begun.Epoch, begun.UpTo, 0, s_hold);
        var held = store.Get("notes");
        var id = held.Scan().Single().Id;
        var refused = new List<CollectionMovingException>
        {
            await Assert.ThrowsExactlyAsync<CollectionMovingException>(() => held.LearnAsync(EngineHarness.Concept("late"))),
            await Assert.ThrowsExactlyAsync<CollectionMovingException>(() => held.LearnManyAsync([EngineHarness.Concept("late")])),
            await Assert.ThrowsExactlyAsync<CollectionMovingException>(() => held.DeleteAsync(id)),
            await Assert.ThrowsExactlyAsync<CollectionMovingException>(() => held.EraseAsync("ada")),
        };
        Assert.AreEqual("old", ContentOf(held), "reads go on");
        Assert.IsFalse(refused.Exists(one => one.Until.IsCompleted));
        store.Replace("other", "me", begun.Epoch, begun.UpTo);
        await Task.WhenAll(refused.Select(one => one.Until)).WaitAsync(TimeSpan.FromSeconds(30));
        await store.Get("notes").LearnAsync(EngineHarness.Concept("late") with { Model = "model-b" });
    }

    [TestMethod]
    public async Task A_hold_that_nobody_ends_ends_by_itself()
    {
        using var store = CollectionHarness.Open(_disk);
        await PrepareAsync(store, "notes");
        var begun = await store.FollowAsync("other", "me", "", "", 0, 0, TimeSpan.Zero);
        await store.FollowAsync("other", "me", "", begun.Epoch, begun.UpTo, 0, TimeSpan.FromSeconds(1));
        var refused = await Assert.ThrowsExactlyAsync<CollectionMovingException>(() => store.Get("notes").LearnAsync(EngineHarness.Concept("after")));
        await refused.Until.WaitAsync(TimeSpan.FromSeconds(30));
        await store.Get("notes").LearnAsync(EngineHarness.Concept("after"));
        Assert.ThrowsExactly<CollectionConflictException>(() => store.Replace("other", "me", begun.Epoch, begun.UpTo));
    }

    [TestMethod]
    public async Task A_restored_concept_has_the_id_and_the_time_that_it_had()
    {
        var concept = EngineHarness.Concept("kept") with { Id = new Sutra.Storage.Concepts.ConceptId(0x1234), Restores = true, LearnedAt = DateTimeOffset.UnixEpoch.AddDays(20_000) };
        using (var store = CollectionHarness.Open(_disk))
        {
            var first = await store.Default.LearnAsync(concept);
            Assert.AreEqual((concept.Id, true), (first.Id, first.Created));
            Assert.AreEqual(concept.Id, (await store.Default.LearnAsync(EngineHarness.Concept("kept"))).Id, "the content has that id from now on");
            await store.Default.LearnAsync(concept);
        }

        using var reopened = CollectionHarness.Open(_disk);
        var read = reopened.Default.Scan().Single().Read();
        Assert.AreEqual((concept.Id, concept.LearnedAt), (read.Id, read.LearnedAt));
    }

    [TestMethod]
    public async Task Another_body_is_made_once_and_cancelled_by_deleting_it()
    {
        using var store = CollectionHarness.Open(_disk);
        await PrepareAsync(store, "notes");
        Assert.ThrowsExactly<CollectionConflictException>(() => store.CreateReplacement("third", new CollectionSettings(), "notes", "key:alice"));
        Assert.ThrowsExactly<CollectionConflictException>(() => store.Delete("notes"));
        Assert.ThrowsExactly<CollectionNotFoundException>(() => store.CreateReplacement("third", new CollectionSettings(), "none", "key:alice"));
        store.Delete("other");
        await Assert.ThrowsExactlyAsync<CollectionNotFoundException>(() => store.FollowAsync("other", "me", "", "", 0, 0, TimeSpan.Zero));
        Assert.AreEqual("old", ContentOf(store.Get("notes")));
        store.CreateReplacement("third", new CollectionSettings(), "notes", "key:alice");
    }

    private static async Task PrepareAsync(CollectionStore store, string name, bool learn = true)
    {
        if (name != "default" && !store.List().Any(one => one.Name == name))
        {
            store.Create(name, new CollectionSettings());
        }

        if (learn)
        {
            await store.Get(name).LearnAsync(EngineHarness.Concept("old"));
        }

        store.CreateReplacement("other", new CollectionSettings { Model = "model-b" }, name, "key:alice");
        await store.Get("other").LearnAsync(EngineHarness.Concept("new") with { Model = "model-b" });
    }

    private static async Task SwitchAsync(CollectionStore store)
    {
        var changes = await store.FollowAsync("other", "me", "", "", 0, 0, TimeSpan.Zero);
        await store.FollowAsync("other", "me", "", changes.Epoch, changes.UpTo, 0, s_hold);
        store.Replace("other", "me", changes.Epoch, changes.UpTo);
    }

    private static string ContentOf(ConceptEngine engine) => engine.Scan().Single().Read().Content;
}
