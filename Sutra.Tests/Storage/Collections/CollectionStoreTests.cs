using Microsoft.Extensions.Logging.Abstractions;
using Sutra.Storage.Collections;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Encryption;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;
using Sutra.Tests.Storage.Telemetry;

namespace Sutra.Tests.Storage.Collections;

[TestClass]
public sealed class CollectionStoreTests
{
    private const string Folder = "/data/collections";

    private readonly SimulatedDisk _disk = new();

    [TestMethod]
    public async Task Collections_hold_their_own_and_are_there_after_a_start()
    {
        ConceptId id;
        using (var store = Open(_disk))
        {
            var made = store.Create("notes", new CollectionSettings { EfSearch = 50, TimeToLive = TimeSpan.FromDays(1) });
            Assert.AreEqual("notes", made.Name);
            id = (await store.Get("notes").LearnAsync(EngineHarness.Concept("a note"))).Id;
            await store.Default.LearnAsync(EngineHarness.Concept("elsewhere"));
            Assert.IsFalse(store.Default.TryGet(id, out _));
            Assert.AreSame(store.Default, store.Get(""));
            CollectionAssert.AreEqual(new[] { "default", "notes" }, store.List().Select(collection => collection.Name).ToList());
        }

        using var reopened = Open(_disk);
        Assert.AreEqual("a note", reopened.Get("notes").Get(id).Content);
        Assert.AreEqual(1, reopened.Default.Statistics.Concepts);
        var described = reopened.Describe("notes");
        Assert.AreEqual(50, described.Settings.EfSearch);
        Assert.AreEqual(TimeSpan.FromDays(1), described.Settings.TimeToLive);
        Assert.AreEqual(50, reopened.Get("notes").EfSearch);
    }

    [TestMethod]
    public async Task An_alias_stands_for_a_collection_and_can_be_switched()
    {
        using (var store = Open(_disk))
        {
            store.Create("v1", new CollectionSettings());
            store.Create("v2", new CollectionSettings());
            await store.Get("v2").LearnAsync(EngineHarness.Concept("second"));
            store.SetAlias("live", "v1");
            Assert.AreSame(store.Get("v1"), store.Get("live"));
            CollectionAssert.AreEqual(new[] { "live" }, store.SetAlias("live", "v2").Aliases.ToList());
            Assert.IsEmpty(store.Describe("v1").Aliases);
            Assert.ThrowsExactly<CollectionExistsException>(() => store.SetAlias("v1", "v2"));
            Assert.ThrowsExactly<CollectionExistsException>(() => store.Create("live", new CollectionSettings()));
            Assert.ThrowsExactly<CollectionNotFoundException>(() => store.SetAlias("other", "nothing"));
            Assert.ThrowsExactly<CollectionNotFoundException>(() => store.Delete("live"), "an alias is no collection");
        }

        using (var store = Open(_disk))
        {
            Assert.AreEqual(1, store.Get("live").Statistics.Concepts);
            store.RemoveAlias("live");
            Assert.ThrowsExactly<CollectionNotFoundException>(() => store.RemoveAlias("live"));
            Assert.ThrowsExactly<CollectionNotFoundException>(() => store.Get("live"));
            store.SetAlias("live", "v2");
            store.Delete("v2");
            Assert.ThrowsExactly<CollectionNotFoundException>(() => store.Get("live"), "goes with its collection");
        }
    }

    [TestMethod]
    public async Task A_deleted_collection_leaves_nothing_and_its_name_is_free()
    {
        using (var store = Open(_disk))
        {
            store.Create("notes", new CollectionSettings());
            var engine = store.Get("notes");
            var id = (await engine.LearnAsync(EngineHarness.Concept("a note"))).Id;
            store.Delete("notes");
            Assert.ThrowsExactly<CollectionNotFoundException>(() => store.Get("notes"));
            Assert.IsEmpty(_disk.ListFolders(Folder));
            await Assert.ThrowsAsync<Exception>(() => engine.LearnAsync(EngineHarness.Concept("late")));
            store.Create("notes", new CollectionSettings());
            Assert.IsFalse(store.Get("notes").TryGet(id, out _));
            Assert.ThrowsExactly<CollectionConflictException>(() => store.Delete("default"));
        }

        using var reopened = Open(_disk);
        Assert.AreEqual(0, reopened.Get("notes").Statistics.Concepts);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("Notes")]
    [DataRow("-notes")]
    [DataRow("no tes")]
    [DataRow("../notes")]
    [DataRow("nötes")]
    public void A_name_that_no_collection_can_have_is_refused(string name)
    {
        using var store = Open(_disk);
        Assert.AreEqual("name", Assert.ThrowsExactly<InvalidConceptException>(() => store.Create(name, new CollectionSettings())).Field);
    }

    [TestMethod]
    public void Settings_that_no_collection_can_have_are_refused_and_nothing_is_made()
    {
        using var store = Open(_disk, maxCollections: 2);
        foreach (var (settings, field) in new[]
        {
            (new CollectionSettings { M = 3 }, "settings.m"),
            (new CollectionSettings { Dimension = -1 }, "settings.dimension"),
            (new CollectionSettings { EfConstruction = 0 }, "settings.ef_construction"),
            (new CollectionSettings { EfSearch = 10_001 }, "settings.ef_search"),
            (new CollectionSettings { TimeToLive = TimeSpan.Zero }, "settings.time_to_live"),
            (new CollectionSettings { Model = new string('m', 300) }, "settings.model"),
        })
        {
            Assert.AreEqual(field, Assert.ThrowsExactly<InvalidConceptException>(() => store.Create("notes", settings)).Field);
        }

        store.Create("notes", new CollectionSettings());
        Assert.ThrowsExactly<CollectionExistsException>(() => store.Create("notes", new CollectionSettings()));
        Assert.ThrowsExactly<CollectionConflictException>(() => store.Create("one-too-many", new CollectionSettings()));
        Assert.HasCount(1, _disk.ListFolders(Folder));
    }

    [TestMethod]
    public async Task A_collection_takes_vectors_of_one_model_unless_it_is_told_otherwise()
    {
        using var store = Open(_disk);
        store.Create("one", new CollectionSettings());
        store.Create("many", new CollectionSettings { ManyModels = true });
        store.Create("pinned", new CollectionSettings { Model = "model-b", Dimension = 3 });
        var first = EngineHarness.Concept("first");
        var other = EngineHarness.Concept("other", model: "model-b");
        foreach (var name in new[] { "one", "many", "default" })
        {
            await store.Get(name).LearnAsync(first);
        }

        await store.Get("many").LearnAsync(other);
        await store.Default.LearnAsync(other);
        Assert.AreEqual("model", (await Assert.ThrowsExactlyAsync<InvalidConceptException>(() => store.Get("one").LearnAsync(other))).Field);
        Assert.AreEqual("model", (await Assert.ThrowsExactlyAsync<InvalidConceptException>(() => store.Get("pinned").LearnAsync(first))).Field);
        Assert.AreEqual("embedding", (await Assert.ThrowsExactlyAsync<InvalidConceptException>(() =>
            store.Get("pinned").LearnAsync(EngineHarness.Concept("flat", [1, 2], "model-b")))).Field);
        Assert.AreEqual("model", Assert.ThrowsExactly<InvalidConceptException>(() => store.Get("pinned").Search([1, 2, 3], "model-a", 1)).Field);
        var id = (await store.Get("pinned").LearnAsync(other)).Id;

        // An empty collection has no model.
        await store.Get("one").DeleteAsync((await store.Get("one").LearnAsync(first)).Id);
        await store.Get("one").LearnAsync(other);
        Assert.AreEqual(id, store.Get("pinned").Search([1, 2, 3], "model-b", 1)[0].Concept.Id);
    }

    [TestMethod]
    public void Settings_that_may_change_are_changed_for_good()
    {
        using (var store = Open(_disk))
        {
            store.Create("notes", new CollectionSettings { TimeToLive = TimeSpan.FromHours(1) });
            store.Update("notes", efSearch: 200, timeToLive: null, staysForever: false);
            Assert.AreEqual(200, store.Get("notes").EfSearch);
            Assert.AreEqual(TimeSpan.FromHours(1), store.Describe("notes").Settings.TimeToLive, "as it was");
            store.Update("notes", efSearch: null, timeToLive: null, staysForever: true);
            Assert.AreEqual("settings.ef_search", Assert.ThrowsExactly<InvalidConceptException>(() => store.Update("notes", 0, null, false)).Field);
            Assert.ThrowsExactly<CollectionConflictException>(() => store.Update("default", 100, null, false));
        }

        using var reopened = Open(_disk);
        Assert.AreEqual(200, reopened.Get("notes").EfSearch);
        Assert.IsNull(reopened.Describe("notes").Settings.TimeToLive);
    }

    [TestMethod]
    public async Task Concepts_go_at_the_end_of_their_collection_s_time_unless_they_were_learned_again()
    {
        var time = new ManualTime();
        using var store = CollectionStore.Open(_disk, Options(EncryptionMode.Off), time, SharedTelemetry.Instance);
        store.Create("brief", new CollectionSettings { TimeToLive = TimeSpan.FromMinutes(10) });
        store.Create("lasting", new CollectionSettings());
        var brief = store.Get("brief");
        foreach (var i in Enumerable.Range(0, 60))
        {
            await brief.LearnAsync(EngineHarness.Concept($"early {i}"));
        }

        await store.Get("lasting").LearnAsync(EngineHarness.Concept("early"));
        await brief.UntilAsync(statistics => statistics.Segments > 0, "segments");
        time.Advance(TimeSpan.FromMinutes(6));
        await brief.LearnAsync(EngineHarness.Concept("late"));
        await brief.LearnAsync(EngineHarness.Concept("early 7"));
        Assert.AreEqual(0, await store.ExpireAsync());
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.AreEqual(59, await store.ExpireAsync());
        CollectionAssert.AreEquivalent(new[] { "late", "early 7" }, brief.Scan().Select(concept => concept.Read().Content).ToList());
        Assert.AreEqual(1, store.Get("lasting").Statistics.Concepts);
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.AreEqual(2, await store.ExpireAsync());
    }

    [TestMethod]
    public async Task A_change_that_is_cut_off_anywhere_happened_or_did_not_and_touches_nothing_else()
    {
        using (var store = Open(_disk))
        {
            store.Create("old", new CollectionSettings());
            await store.Get("old").LearnAsync(EngineHarness.Concept("kept"));
            store.SetAlias("live", "old");
            store.Create("doomed", new CollectionSettings());
            await store.Get("doomed").LearnAsync(EngineHarness.Concept("gone"));
        }

        Assert.IsGreaterThan(10, RingHarness.CutEverywhere(_disk, disk => Use(disk, store => store.Create("new", new CollectionSettings())), Check("new", madeBy: true), seeds: 3));
        Assert.IsGreaterThan(5, RingHarness.CutEverywhere(_disk, disk => Use(disk, store => store.Delete("doomed")), Check("doomed", madeBy: false), seeds: 3));
        RingHarness.CutEverywhere(_disk, disk => Use(disk, store => store.SetAlias("live", "doomed")), (disk, done, because) =>
        {
            using var store = Open(disk);
            Assert.AreEqual(1, store.Get("live").Statistics.Concepts, because);
            Assert.IsTrue(!done || store.Get("live") == store.Get("doomed"), because);
        }, seeds: 3);

        static Action<SimulatedDisk, bool, string> Check(string name, bool madeBy) => (disk, done, because) =>
        {
            using var store = Open(disk);
            var there = store.List().Any(collection => collection.Name == name);
            Assert.IsTrue(!done || there == madeBy, because);
            Assert.AreEqual(1, store.Get("live").Statistics.Concepts, because);
            Assert.HasCount(store.List().Count - 1, disk.ListFolders(Folder), because);
            if (there)
            {
                Assert.IsEmpty(store.Get(name).Verify().Faults, because);
            }
        };
    }

    [TestMethod]
    public void A_changed_byte_of_the_catalog_is_refused_and_changes_nothing()
    {
        using (var store = Open(_disk))
        {
            store.Create("notes", new CollectionSettings());
        }

        var bytes = _disk.Read("/data/catalog");
        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 4;
            var disk = _disk.Kill();
            disk.Replace("/data/catalog", changed);
            Assert.ThrowsExactly<CatalogCorruptException>(() => Open(disk), $"byte {at}");
            Assert.HasCount(1, disk.ListFolders(Folder));
        }
    }

    [TestMethod]
    public async Task A_copy_of_a_deleted_collection_cannot_be_read_with_the_ring_of_today()
    {
        SimulatedDisk copy;
        using (var store = Open(_disk, EncryptionMode.Content))
        {
            store.Create("notes", new CollectionSettings());
            await store.Get("notes").LearnAsync(EngineHarness.Concept("secret"));
            await store.Get("notes").LearnAsync(EngineHarness.Concept("secret of somebody") with { Owner = "somebody" });
            await store.Default.LearnAsync(EngineHarness.Concept("kept"));
            copy = _disk.Kill();
            store.Delete("notes");
        }

        copy.Replace(RingHarness.Ring, _disk.Read(RingHarness.Ring));
        using var restored = Open(copy, EncryptionMode.Content);
        Assert.AreEqual(0, restored.Get("notes").Statistics.Concepts);
        Assert.AreEqual(1, restored.Default.Statistics.Concepts);
    }

    [TestMethod]
    public async Task A_wrong_master_key_or_none_or_a_lost_ring_is_refused_and_changes_nothing()
    {
        using (var store = Open(_disk, EncryptionMode.Content))
        {
            await store.Default.LearnAsync(EngineHarness.Concept("secret"));
        }

        var before = Snapshot(_disk);
        Assert.ThrowsExactly<WrongMasterKeyException>(() => Open(_disk, EncryptionMode.Content, master: 2));
        Assert.ThrowsExactly<Sutra.Storage.Encryption.Masters.MasterKeyException>(() => Open(_disk, EncryptionMode.Off));
        CollectionAssert.AreEqual(before, Snapshot(_disk));

        var lost = _disk.Kill();
        lost.Delete(RingHarness.Ring);
        StringAssert.Contains(Assert.ThrowsExactly<KeyRingException>(() => Open(lost, EncryptionMode.Content)).Message, "restore it");
    }

    [TestMethod]
    public async Task The_master_key_is_rotated_at_a_start_that_names_a_new_one()
    {
        ConceptId id;
        using (var store = Open(_disk, EncryptionMode.Content))
        {
            id = (await store.Default.LearnAsync(EngineHarness.Concept("secret"))).Id;
        }

        using (var store = CollectionStore.Open(_disk, Options(EncryptionMode.Content) with { MasterKeys = () => RingHarness.Master(2, 1) }, TimeProvider.System, SharedTelemetry.Instance))
        {
            Assert.AreEqual("secret", store.Default.Get(id).Content);
        }

        Assert.ThrowsExactly<WrongMasterKeyException>(() => Open(_disk, EncryptionMode.Content, master: 1));
        using var reopened = Open(_disk, EncryptionMode.Content, master: 2);
        Assert.AreEqual("secret", reopened.Default.Get(id).Content);
    }

    [TestMethod]
    public async Task Data_from_before_there_were_collections_is_the_default_collection_s()
    {
        ConceptId id;
        using (var engine = EngineHarness.Open(_disk))
        {
            id = (await engine.LearnAsync(EngineHarness.Concept("early"))).Id;
        }

        using var store = Open(_disk);
        Assert.AreEqual("early", store.Default.Get(id).Content);
    }

    private static void Use(SimulatedDisk disk, Action<CollectionStore> act)
    {
        using var store = Open(disk);
        act(store);
    }

    private static List<string> Snapshot(SimulatedDisk disk) =>
        [.. new[] { "/data", "/data/log", "/data/segments", "/data/keys" }.SelectMany(folder => disk.ListFiles(folder).Select(name => $"{folder}/{name} {Convert.ToHexString(disk.Read($"{folder}/{name}"))}"))];

    private static CollectionStore Open(SimulatedDisk disk, EncryptionMode mode = EncryptionMode.Off, byte master = 1, int maxCollections = 10)
    {
        var options = Options(mode) with { MaxCollections = maxCollections };
        return CollectionStore.Open(
            disk,
            mode == EncryptionMode.Off ? options : options with { MasterKeys = () => RingHarness.Master(master) },
            TimeProvider.System,
            SharedTelemetry.Instance,
            NullLogger.Instance);
    }

    private static CollectionStoreOptions Options(EncryptionMode mode) =>
        new() { Engine = new EngineOptions { DataPath = "/data", Segments = EngineHarness.Busy }, Mode = mode };
}
