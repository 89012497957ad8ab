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
