using Sutra.Storage.Vectors;

namespace Sutra.Tests.Storage.Vectors;

[TestClass]
public sealed unsafe class RowStoreTests
{
    [TestMethod]
    public void Rows_stay_where_they_are_while_the_store_grows()
    {
        using var store = new RowStore(64, firstChunk: 2);
        store.EnsureCapacity(1);
        var view = store.View;
        var first = (nint)view[0];
        for (uint row = 0; row < 1000; row++)
        {
            store.EnsureCapacity(row + 1);
            *(uint*)view[row] = row;
        }

        Assert.AreEqual(first, (nint)view[0]);
        for (uint row = 0; row < 1000; row++)
        {
            Assert.AreEqual(row, *(uint*)view[row]);
            Assert.AreEqual(0, (nint)view[row] % 64, "each row on cache lines of its own");
        }
    }

    [TestMethod]
    public void Runs_hold_every_row_once_and_in_order()
    {
        using var store = new RowStore(sizeof(uint), firstChunk: 3);
        store.EnsureCapacity(100);
        for (uint row = 0; row < 100; row++)
        {
            *(uint*)store.View[row] = row;
        }

        var rows = new List<uint>();
        while (rows.Count < 100)
        {
            var run = store.View.Run((uint)rows.Count, 100);
            rows.AddRange(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(run));
        }

        CollectionAssert.AreEqual(Enumerable.Range(0, 100).Select(row => (uint)row).ToList(), rows);
    }
}
