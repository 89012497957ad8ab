using Sutra.Storage.Collections;
using Sutra.Storage.Encryption;
using Sutra.Storage.Files;
using Sutra.Tests.Storage.Encryption;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Collections;

[TestClass]
public sealed class DeletionTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly LineLogger _logger = new();

    [TestMethod]
    public async Task Nobody_waits_for_the_files_of_a_deleted_collection_but_the_stop()
    {
        using var mayDelete = new ManualResetEventSlim();
        var deleting = new TaskCompletionSource();
        var store = CollectionHarness.Open(new Gated(_disk, () =>
        {
            deleting.TrySetResult();
            mayDelete.Wait();
        }));
        store.Create("notes", new CollectionSettings());
        var deletion = Task.Run(() => store.Delete("notes"));
        Task? stop = null;
        try
        {
            await deleting.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await Task.Run(() => store.Create("notes", new CollectionSettings())).WaitAsync(TimeSpan.FromSeconds(30));
            stop = Task.Run(store.Dispose);
            Assert.ThrowsExactly<FileLockedException>(() => CollectionHarness.Open(_disk));
        }
        finally
        {
            mayDelete.Set();
        }

        await deletion;
        await stop;
        using var reopened = CollectionHarness.Open(_disk);
        Assert.HasCount(1, _disk.ListFolders(CollectionHarness.Folder));
        Assert.AreEqual(0, reopened.Get("notes").Statistics.Concepts);
    }

    [TestMethod]
    public void Files_that_cannot_be_removed_are_left_to_the_next_start()
    {
        using (var store = CollectionHarness.Open(_disk, logger: _logger))
        {
            store.Create("notes", new CollectionSettings());
            _disk.Fault = (operation, _) => ThrowIf(operation == "deletefolder");
            store.Delete("notes");
            Assert.IsTrue(_logger.Lines.Exists(line => line.StartsWith("Not all", StringComparison.Ordinal)));
            Assert.HasCount(1, _disk.ListFolders(CollectionHarness.Folder));
            store.Create("notes", new CollectionSettings());
            store.Delete("notes");
        }

        // A start that cannot either goes on all the same.
        CollectionHarness.Open(_disk).Dispose();
        _disk.Fault = null;
        using var reopened = CollectionHarness.Open(_disk);
        Assert.IsEmpty(_disk.ListFolders(CollectionHarness.Folder));
        Assert.IsEmpty(reopened.Unknown);
    }

    [TestMethod]
    public async Task Keys_that_cannot_be_destroyed_are_destroyed_by_the_next_start()
    {
        SimulatedDisk copy;
        using (var store = CollectionHarness.Open(_disk, EncryptionMode.Content, _logger))
        {
            store.Create("notes", new CollectionSettings());
            await store.Get("notes").LearnAsync(EngineHarness.Concept("secret"));
            copy = _disk.Kill();
            _disk.Fault = (operation, path) => ThrowIf(operation == "write" && path == RingHarness.Ring);
            store.Delete("notes");
            Assert.ThrowsExactly<CollectionNotFoundException>(() => store.Get("notes"));
            Assert.IsTrue(_logger.Lines.Exists(line => line.StartsWith("Not all", StringComparison.Ordinal)));
            Assert.IsEmpty(_disk.ListFolders(CollectionHarness.Folder));
        }

        _disk.Fault = null;
        CollectionHarness.Open(_disk, EncryptionMode.Content).Dispose();
        copy.Replace(RingHarness.Ring, _disk.Read(RingHarness.Ring));
        using var restored = CollectionHarness.Open(copy, EncryptionMode.Content);
        Assert.AreEqual(0, restored.Get("notes").Statistics.Concepts);
    }

    [TestMethod]
    public async Task Power_that_goes_while_files_are_removed_leaves_nothing_after_the_next_start()
    {
        using (var store = CollectionHarness.Open(_disk, EncryptionMode.Content))
        {
            store.Create("notes", new CollectionSettings());
            await store.Get("notes").LearnAsync(EngineHarness.Concept("secret"));
        }

        for (var operations = 0; operations < 40; operations++)
        {
            var disk = _disk.Kill();
            using (var store = CollectionHarness.Open(disk, EncryptionMode.Content))
            {
                var left = int.MaxValue;
                disk.Fault = (operation, path) =>
                {
                    // The deletion is decided with the flush after the catalog's renaming.
                    left = operation == "flushfolder" && path == "/data" ? Math.Min(left, operations + 1) : left;
                    ThrowIf(left < int.MaxValue && left-- <= 0);
                };
                store.Delete("notes");
            }

            foreach (var after in new[] { disk.Kill(), disk.Crash(new Random(operations)) })
            {
                using var store = CollectionHarness.Open(after, EncryptionMode.Content);
                Assert.HasCount(1, store.List());
                Assert.IsEmpty(after.ListFolders(CollectionHarness.Folder), $"cut at operation {operations}");
            }
        }
    }

    private static void ThrowIf(bool fails)
    {
        if (fails)
        {
            throw new IOException("the disk does not want to");
        }
    }

    private sealed class Gated(SimulatedDisk disk, Action beforeDeleting) : IFileSystem
    {
        public void CreateFolder(string path) => disk.CreateFolder(path);

        public IReadOnlyList<string> ListFiles(string folder) => disk.ListFiles(folder);

        public IReadOnlyList<string> ListFolders(string folder) => disk.ListFolders(folder);

        public IStorageFile Create(string path) => disk.Create(path);

        public IStorageFile Open(string path) => disk.Open(path);

        public IMappedFile Map(string path) => disk.Map(path);

        public void Rename(string from, string to) => disk.Rename(from, to);

        public void Delete(string path) => disk.Delete(path);

        public void DeleteFolder(string path)
        {
            beforeDeleting();
            disk.DeleteFolder(path);
        }

        public void FlushFolder(string path) => disk.FlushFolder(path);

        public IDisposable Lock(string path) => disk.Lock(path);
    }
}
