using Sutra.Storage.Segments;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Segments;

[TestClass]
public sealed class SegmentStoreTests
{
    [TestMethod]
    public void After_a_manifest_that_failed_no_other_is_written_over_it()
    {
        // The one that failed may be on the disk, and name files that a later one of the same generation would not.
        var disk = new SimulatedDisk();
        var log = Guid.NewGuid();
        var store = SegmentStore.Open(disk, "/data", new SegmentOptions());
        store.Commit(log, [], checkpoint: 1);
        store.Commit(log, [], checkpoint: 2);
        disk.Fault = (operation, path) =>
        {
            if (operation == "flush" && path.EndsWith("manifest-1", StringComparison.Ordinal))
            {
                throw new IOException("No space left on device");
            }
        };
        Assert.ThrowsExactly<IOException>(() => store.Commit(log, [], checkpoint: 3));
        disk.Fault = null;
        Assert.ThrowsExactly<IOException>(() => store.Commit(log, [], checkpoint: 4));

        Assert.AreEqual(2u, store.Checkpoint);
        Assert.IsLessThanOrEqualTo(3u, SegmentStore.Open(disk, "/data", new SegmentOptions()).Checkpoint);
    }
}
