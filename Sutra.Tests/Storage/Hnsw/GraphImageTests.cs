using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Sutra.Storage.Hnsw;

namespace Sutra.Tests.Storage.Hnsw;

[TestClass]
public sealed unsafe class GraphImageTests
{
    private static readonly ClusteredVectors Data = new(2500, 40);
    private static readonly ClusteredVectors Few = new(300, 40);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_graph_mapped_from_a_file_answers_like_the_one_in_memory(bool codes)
    {
        using var index = Data.Build(new HnswOptions { Dimension = 40, Codes = codes });
        var path = Path.Combine(Path.GetTempPath(), $"sutra-graph-{Guid.NewGuid():n}");
        try
        {
            using (var file = File.Create(path))
            {
                GraphImage.Write(index.View, file);
            }

            using var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
            using var accessor = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* address = null;
            accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
            using (var mapped = MappedGraph.Open(address, new FileInfo(path).Length))
            {
                AssertSame(index, mapped);
            }

            accessor.SafeMemoryMappedViewHandle.ReleasePointer();
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void What_the_memory_held_before_gets_into_no_file()
    {
        // Freed memory is what the index is given next: as often as not, of the same size.
        const byte Old = 0xA5;
        for (var round = 0; round < 4; round++)
        {
            List<nint> used = [];
            foreach (var size in Enumerable.Range(0, 60).Select(i => 64 << (i % 15)))
            {
                var memory = NativeMemory.AlignedAlloc((nuint)size, 64);
                NativeMemory.Fill(memory, (nuint)size, Old);
                used.Add((nint)memory);
            }

            used.ForEach(memory => NativeMemory.AlignedFree((void*)memory));
            using var index = Few.Build();
            using var stream = new MemoryStream();
            GraphImage.Write(index.View, stream);
            index.WriteWorths(stream);
            Assert.AreEqual(-1, stream.ToArray().AsSpan().IndexOf([Old, Old, Old, Old]));
        }
    }

    [TestMethod]
    public void Vectors_may_be_kept_apart_from_the_graph()
    {
        using var index = Data.Build();
        using var stream = new MemoryStream();
        GraphImage.Write(index.View, stream, withVectors: false);
        var vectors = new float[Data.Count * 48];
        for (var row = 0; row < Data.Count; row++)
        {
            index.View.Vector((uint)row).CopyTo(vectors.AsSpan(row * 48));
        }

        var bytes = stream.ToArray();
        fixed (byte* image = bytes)
        {
            fixed (float* rows = vectors)
            {
                using var mapped = MappedGraph.Open(image, bytes.Length, (byte*)rows);
                AssertSame(index, mapped);
            }

            Assert.ThrowsExactly<InvalidDataException>(() => Open(bytes));
        }
    }

    [TestMethod]
    public void An_empty_graph_can_be_written_and_mapped()
    {
        using var index = new HnswIndex(new HnswOptions { Dimension = 3 });
        using var stream = new MemoryStream();
        GraphImage.Write(index.View, stream);
        var bytes = stream.ToArray();
        fixed (byte* image = bytes)
        {
            using var mapped = MappedGraph.Open(image, bytes.Length);
            Assert.AreEqual(0, mapped.Search([1, 2, 3], new HnswQuery(1), deleted: null, new Neighbour[1]));
        }
    }

    [TestMethod]
    public void What_is_no_image_or_not_all_of_one_is_refused()
    {
        using var index = Data.Build(new HnswOptions { Dimension = 40, EfConstruction = 10 });
        using var stream = new MemoryStream();
        GraphImage.Write(index.View, stream);
        var bytes = stream.ToArray();

        Assert.ThrowsExactly<InvalidDataException>(() => Open(bytes[..63]));
        Assert.ThrowsExactly<InvalidDataException>(() => Open(bytes[..^64]));
        Assert.ThrowsExactly<InvalidDataException>(() => Open([.. bytes.Select((value, at) => (byte)(at == 0 ? value + 1 : value))]));
        var version = Assert.ThrowsExactly<InvalidDataException>(() => Open([.. bytes.Select((value, at) => (byte)(at == 8 ? 9 : value))]));
        StringAssert.Contains(version.Message, "version 9");
    }

    private static void Open(byte[] bytes)
    {
        fixed (byte* image = bytes)
        {
            MappedGraph.Open(image, bytes.Length).Dispose();
        }
    }

    private static void AssertSame(HnswIndex index, MappedGraph mapped)
    {
        Neighbour[] expected = new Neighbour[10], actual = new Neighbour[10];
        var allowed = new SlotBitmap();
        for (uint slot = 0; slot < Data.Count; slot += 3)
        {
            allowed.Add(slot);
        }

        foreach (var query in Data.Queries)
        {
            foreach (var request in (HnswQuery[])[new(10), new(10) { UseCodes = false }, new(10) { Allowed = allowed }, new(10) { Allowed = allowed, Way = SearchWay.TwoHop }])
            {
                Assert.AreEqual(index.Search(query, request, expected), mapped.Search(query, request, deleted: null, actual));
                CollectionAssert.AreEqual(expected, actual);
            }
        }

        Assert.AreEqual(index.Count, Reachability.Mark(mapped.View, new SlotBitmap()));
    }
}
