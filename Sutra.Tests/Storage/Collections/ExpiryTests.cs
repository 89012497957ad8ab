using Sutra.Storage.Collections;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Encryption;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Collections;

[TestClass]
public sealed class ExpiryTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly LineLogger _logger = new();
    private readonly ManualTime _time = new();

    [TestMethod]
    public async Task A_collection_that_takes_no_writes_does_not_keep_others_from_expiring()
    {
        using var store = await MakeAsync();
        var log = store.FolderOf("first") + "/log/";
        _disk.Fault = (operation, path) =>
        {
            if (operation == "write" && path.StartsWith(log, StringComparison.Ordinal))
            {
                throw new IOException("no space");
            }
        };
        _time.Advance(TimeSpan.FromHours(1));
        Assert.AreEqual(1, await store.ExpireAsync());
        Assert.AreEqual(0, store.Get("second").Statistics.Concepts);
        Assert.IsTrue(_logger.Lines.Exists(line => line.Contains("from collection first", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task What_a_collection_s_settings_say_when_its_turn_comes_counts()
    {
        using var store = await MakeAsync();
        var log = store.FolderOf("first") + "/log/";
        _disk.Fault = (operation, path) =>
        {
            if (operation == "write" && path.StartsWith(log, StringComparison.Ordinal))
            {
                _disk.Fault = null;
                store.Update("second", efSearch: null, timeToLive: null, staysForever: true);
            }
        };
        _time.Advance(TimeSpan.FromHours(1));
        Assert.AreEqual(1, await store.ExpireAsync());
        Assert.AreEqual(0, store.Get("first").Statistics.Concepts);
        Assert.AreEqual(1, store.Get("second").Statistics.Concepts);
    }

    [TestMethod]
    public async Task Metadata_that_a_rule_fits_ends_a_concept_s_time_before_the_collection_s()
    {
        using var store = CollectionHarness.Open(_disk, time: _time);
        store.Create("notes", new CollectionSettings
        {
            TimeToLive = TimeSpan.FromHours(10),
            Expiry = [new ExpiryRule("kind", "draft", TimeSpan.FromMinutes(1)), new ExpiryRule("$kind", "odd", TimeSpan.FromMinutes(2))],
        });
        var notes = store.Get("notes");
        await notes.LearnAsync(With("a draft", "kind", "draft"));
        await notes.LearnAsync(With("final", "kind", "final"));
        await notes.LearnAsync(With("another draft's odd key", "$kind", "odd"));
        Assert.AreEqual(0, await store.ExpireAsync());
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.AreEqual(1, await store.ExpireAsync());
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.AreEqual(1, await store.ExpireAsync());
        CollectionAssert.AreEqual(new[] { "final" }, notes.Scan().Select(concept => concept.Read().Content).ToList());

        // Rules are kept, and may be taken back.
        store.Dispose();
        using var reopened = CollectionHarness.Open(_disk, time: _time);
        Assert.HasCount(2, reopened.Describe("notes").Settings.Expiry);
        Assert.IsEmpty(reopened.Update("notes", efSearch: null, timeToLive: null, staysForever: false, expiry: []).Settings.Expiry);
        await reopened.Get("notes").LearnAsync(With("a draft", "kind", "draft"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.AreEqual(0, await reopened.ExpireAsync());
    }

    [TestMethod]
    [DataRow("", 60L)]
    [DataRow("kind", 0L)]
    public void A_rule_that_can_never_fit_is_refused(string key, long seconds)
    {
        using var store = CollectionHarness.Open(_disk);
        var settings = new CollectionSettings { Expiry = [new ExpiryRule(key, "draft", TimeSpan.FromSeconds(seconds))] };
        Assert.ThrowsExactly<Sutra.Storage.Concepts.InvalidConceptException>(() => store.Create("notes", settings));
    }

    private static Sutra.Storage.Concepts.NewConcept With(string content, string key, string value) =>
        EngineHarness.Concept(content) with { Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [key] = value } };

    private async Task<CollectionStore> MakeAsync()
    {
        var store = CollectionHarness.Open(_disk, logger: _logger, time: _time);
        foreach (var name in new[] { "first", "second" })
        {
            store.Create(name, new CollectionSettings { TimeToLive = TimeSpan.FromMinutes(1) });
            await store.Get(name).LearnAsync(EngineHarness.Concept("brief"));
        }

        return store;
    }
}
