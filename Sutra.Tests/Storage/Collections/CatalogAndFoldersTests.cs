using Sutra.Storage.Collections;
using Sutra.Storage.Encryption;
using Sutra.Tests.Storage.Encryption;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Collections;

[TestClass]
public sealed class CatalogAndFoldersTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly LineLogger _logger = new();

    [TestMethod]
    public void The_catalog_is_there_after_the_first_start_and_left_alone_by_the_next()
    {
        CollectionHarness.Open(_disk).Dispose();
        var written = _disk.Read(CollectionHarness.Catalog);
        var renamed = 0;
        _disk.Fault = (operation, path) => renamed += operation == "rename" && path.StartsWith(CollectionHarness.Catalog, StringComparison.Ordinal) ? 1 : 0;
        CollectionHarness.Open(_disk).Dispose();
        Assert.AreEqual(0, renamed);
        CollectionAssert.AreEqual(written, _disk.Read(CollectionHarness.Catalog));
    }

    [TestMethod]
    public async Task Collections_without_a_catalog_are_refused_and_kept()
    {
        await MakeAsync("notes");
        var catalog = _disk.Read(CollectionHarness.Catalog);
        _disk.Delete(CollectionHarness.Catalog);
        var before = CollectionHarness.Snapshot(_disk);
        StringAssert.Contains(Assert.ThrowsExactly<CatalogCorruptException>(() => CollectionHarness.Open(_disk)).Message, "is missing");
        CollectionAssert.AreEqual(before, CollectionHarness.Snapshot(_disk));
        _disk.Replace(CollectionHarness.Catalog, catalog);
        using var store = CollectionHarness.Open(_disk);
        Assert.AreEqual(1, store.Get("notes").Statistics.Concepts);
    }

    [TestMethod]
    public async Task A_collection_that_an_older_catalog_does_not_know_is_kept_and_told()
    {
        await MakeAsync("notes");
        var older = _disk.Read(CollectionHarness.Catalog);
        await MakeAsync("newer");
        var newest = _disk.Read(CollectionHarness.Catalog);
        _disk.Replace(CollectionHarness.Catalog, older);
        using (var store = CollectionHarness.Open(_disk, logger: _logger))
        {
            Assert.AreEqual(1, store.Get("notes").Statistics.Concepts);
            Assert.HasCount(1, _logger.Lines.Where(line => line.Contains("does not know", StringComparison.Ordinal)).ToList());
        }

        _disk.Replace(CollectionHarness.Catalog, newest);
        using var restored = CollectionHarness.Open(_disk);
        Assert.AreEqual(1, restored.Get("newer").Statistics.Concepts);
    }

    [TestMethod]
    public async Task A_collection_whose_folder_is_missing_is_refused_instead_of_beginning_anew()
    {
        await MakeAsync("notes");
        _disk.DeleteFolder($"{CollectionHarness.Folder}/{_disk.ListFolders(CollectionHarness.Folder)[0]}");
        StringAssert.Contains(Assert.ThrowsExactly<CatalogCorruptException>(() => CollectionHarness.Open(_disk)).Message, "is missing");
        Assert.IsEmpty(_disk.ListFolders(CollectionHarness.Folder));
    }

    [TestMethod]
    public void A_creation_that_was_cut_off_is_removed_by_the_next_start()
    {
        using (var store = CollectionHarness.Open(_disk))
        {
            var saves = 0;
            _disk.Fault = (operation, path) =>
            {
                if (operation == "create" && path == CollectionHarness.Catalog + ".new" && ++saves == 2)
                {
                    throw new IOException("no space");
                }
            };
            Assert.ThrowsExactly<IOException>(() => store.Create("notes", new CollectionSettings()));
            _disk.Fault = null;
            Assert.ThrowsExactly<CollectionNotFoundException>(() => store.Get("notes"));
            Assert.HasCount(1, _disk.ListFolders(CollectionHarness.Folder));
        }

        using var reopened = CollectionHarness.Open(_disk, logger: _logger);
        Assert.IsEmpty(_disk.ListFolders(CollectionHarness.Folder));
        Assert.IsEmpty(reopened.Unknown);
        reopened.Create("notes", new CollectionSettings());
    }

    [TestMethod]
    public async Task Sealed_data_goes_on_being_read_with_sealing_off_and_the_start_warns()
    {
        using (var store = CollectionHarness.Open(_disk, EncryptionMode.Content, _logger))
        {
            await store.Default.LearnAsync(EngineHarness.Concept("secret"));
        }

        Assert.IsFalse(_logger.Lines.Exists(IsWarning));
        using var off = CollectionHarness.Open(_disk, EncryptionMode.Off, _logger);
        Assert.AreEqual(1, off.Default.Statistics.Concepts);
        Assert.IsTrue(_logger.Lines.Exists(IsWarning));

        static bool IsWarning(string line) => line.Contains("in the clear", StringComparison.Ordinal);
    }

    private async Task MakeAsync(string name)
    {
        using var store = CollectionHarness.Open(_disk);
        store.Create(name, new CollectionSettings());
        await store.Get(name).LearnAsync(EngineHarness.Concept($"of {name}"));
    }
}
