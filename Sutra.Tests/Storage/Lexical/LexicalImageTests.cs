using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Tests.Storage.Lexical;

[TestClass]
public sealed class LexicalImageTests
{
    private static readonly GeneratedTexts Texts = new(4000, seed: 9);

    [TestMethod]
    public void An_image_of_the_rows_that_live_is_that_of_an_index_that_never_had_the_others()
    {
        using var all = Texts.Index();
        var next = 0;
        var map = Enumerable.Range(0, Texts.Count).Select(row => row % 3 == 1 ? -1 : next++).ToArray();
        using var living = Texts.Index(i => i % 3 != 1);
        CollectionAssert.AreEqual(ImageMemory.Write(next, new LexicalSource(living.Snapshot(), null)), ImageMemory.Write(next, new LexicalSource(all.Snapshot(), map)));
    }

    [TestMethod]
    public void A_merge_in_any_order_is_the_image_of_an_index_built_anew()
    {
        using var first = Texts.Index(i => i % 3 == 0);
        using var second = Texts.Index(i => i % 3 == 1);
        using var growing = Texts.Index(i => i % 3 == 2);
        using var firstMemory = ImageMemory.Of(first);
        using var secondMemory = ImageMemory.Of(second);
        using var firstImage = firstMemory.Open();
        using var secondImage = secondMemory.Open();

        // Every seventh text is gone, the others keep their order, which interleaves the parts.
        var place = new int[Texts.Count];
        var next = 0;
        for (var i = 0; i < place.Length; i++)
        {
            place[i] = i % 7 == 0 ? -1 : next++;
        }

        int[] Map(int part) => [.. place.Where((_, i) => i % 3 == part)];
        var merged = ImageMemory.Write(next, new LexicalSource(secondImage, Map(1)), new LexicalSource(growing.Snapshot(), Map(2)), new LexicalSource(firstImage, Map(0)));
        using var anew = Texts.Index(i => i % 7 != 0);
        CollectionAssert.AreEqual(ImageMemory.Write(next, new LexicalSource(anew.Snapshot(), null)), merged);
    }

    [TestMethod]
    public void Terms_of_an_image_are_those_of_the_index_in_order()
    {
        using var index = new MutableLexicalIndex(TextLanguage.None);
        var random = new Random(4);
        for (var row = 0; row < 500; row++)
        {
            index.Add(row, AnyText.Next(random) + " common");
        }

        using var memory = ImageMemory.Of(index);
        using var image = memory.Open();
        var (expected, actual) = (index.Snapshot().Terms(), image.Terms());
        var count = 0;
        byte[] last = [];
        while (expected.MoveNext())
        {
            Assert.IsTrue(actual.MoveNext());
            Assert.IsTrue(expected.Term.SequenceEqual(actual.Term));
            Assert.IsTrue(last.AsSpan().SequenceCompareTo(actual.Term) < 0);
            Assert.AreEqual(expected.Postings.Frequency, actual.Postings.Frequency);
            Assert.AreEqual(expected.Postings.Frequency, image.DocumentFrequency(actual.Term));
            last = actual.Term.ToArray();
            count++;
        }

        Assert.IsFalse(actual.MoveNext());
        Assert.AreEqual(count, image.TermCount);
        Assert.AreEqual(0, image.DocumentFrequency("commo"u8));
        Assert.AreEqual(0, image.DocumentFrequency("\0"u8));
        Assert.AreEqual(0, image.DocumentFrequency([0xFF]));
    }

    [TestMethod]
    public void Rows_without_text_and_rows_beyond_the_last_are_kept_empty()
    {
        using var index = new MutableLexicalIndex(TextLanguage.None);
        index.Add(3, "one");
        index.Add(7, "two one");
        using var memory = new ImageMemory(ImageMemory.Write(20, new LexicalSource(index.Snapshot(), null)));
        using var image = memory.Open();
        Assert.AreEqual((20, 2, 3L), (image.Rows, image.Documents, image.TotalLength));
        Assert.AreEqual((8, 2, 3L), (index.Snapshot().Rows, index.Snapshot().Documents, index.Snapshot().TotalLength));
        Assert.AreEqual(2, image.DocumentFrequency("one"u8));
    }

    [TestMethod]
    public void Maps_that_cannot_be_are_refused()
    {
        using var index = Texts.Index(i => i < 10);
        var snapshot = index.Snapshot();
        Assert.ThrowsExactly<ArgumentException>(() => ImageMemory.Write(10, new LexicalSource(snapshot, new int[9])));
        Assert.ThrowsExactly<ArgumentException>(() => ImageMemory.Write(9, new LexicalSource(snapshot, null)));
        Assert.ThrowsExactly<ArgumentException>(() => ImageMemory.Write(10, new LexicalSource(snapshot, Enumerable.Repeat(4, 10).ToArray())));
    }

    [TestMethod]
    public void What_is_no_image_is_refused()
    {
        using var index = Texts.Index(i => i < 200);
        var good = ImageMemory.Write(index.Rows, new LexicalSource(index.Snapshot(), null));
        for (var length = 0; length < good.Length; length += 1 + length / 20)
        {
            Refuse(good[..length]);
        }

        Refuse([.. good, .. new byte[64]]);
        Refuse(With(good, 0, 0));
        Refuse(With(good, 8, 2));
        Refuse(With(good, 15, 0x80));
        Refuse(With(good, good.Length - 1, 0));
        Refuse(With(good, good.Length - 60, 1));
    }

    [TestMethod]
    public void Damaged_images_are_refused_or_read_wrongly_but_never_beyond_their_end()
    {
        using var index = Texts.Index();
        var good = ImageMemory.Write(index.Rows, new LexicalSource(index.Snapshot(), null));
        using var memory = new ImageMemory(good);
        var random = new Random(12);
        var (refused, served) = (0, 0);
        for (var run = 0; run < 500; run++)
        {
            good.CopyTo(memory.Bytes);
            for (var i = random.Next(1, 30); i > 0; i--)
            {
                // The dictionary, its index and the footer are near the end and the most telling.
                var at = random.Next(2) == 0 ? random.Next(good.Length) : good.Length - 1 - random.Next(good.Length / 6);
                memory.Bytes[at] = (byte)random.Next(256);
            }

            try
            {
                using var image = memory.Open();
                Use(image, run % 50 == 0);
                served++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Console.WriteLine($"{refused} refused, {served} served");
        Assert.IsTrue(refused > 50 && served > 5);
    }

    private static void Use(LexicalImage image, bool merge)
    {
        var hits = new LexicalHit[10];
        for (var i = 0; i < 12; i++)
        {
            var search = new LexicalSearch([image], LexicalQuery.Parse($"w0 w{i} w{i * 37} w{i * 211}", TextLanguage.None), Bm25Options.Default);
            search.Top(new AllRows(), new PlaceKey(), hits, i % 2 == 0 ? LexicalWay.BlockMax : LexicalWay.Exhaustive);
            search.Score(0, [0, 17, image.Rows - 1, int.MaxValue, -1], new float[5]);
        }

        if (merge)
        {
            try
            {
                LexicalImageWriter.Write(Stream.Null, image.Rows, new LexicalSource(image, null));
            }
            catch (ArgumentException)
            {
                // Two rows in one place: as good as any other refusal.
            }
        }
    }

    private static byte[] With(byte[] image, int at, byte value)
    {
        var changed = (byte[])image.Clone();
        changed[at] = value;
        return changed;
    }

    private static void Refuse(byte[] image)
    {
        using var memory = new ImageMemory(image.Length == 0 ? [0] : image);
        Assert.ThrowsExactly<InvalidDataException>(() => memory.Open().Dispose());
    }
}
