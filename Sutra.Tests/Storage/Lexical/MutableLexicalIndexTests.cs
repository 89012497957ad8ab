using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Tests.Storage.Lexical;

[TestClass]
public sealed class MutableLexicalIndexTests
{
    [TestMethod]
    public void A_snapshot_is_the_index_as_it_was_when_it_had_so_many_rows()
    {
        var texts = new GeneratedTexts(1500, seed: 6);
        using var index = texts.Index();
        foreach (var rows in new[] { 0, 1, 97, 500, 1499, 1500, 9999 })
        {
            using var shorter = texts.Index(i => i < rows);
            var (expected, snapshot) = (shorter.Snapshot(), index.Snapshot(rows));
            Assert.AreEqual((expected.Rows, expected.Documents, expected.TotalLength), (snapshot.Rows, snapshot.Documents, snapshot.TotalLength));
            CollectionAssert.AreEqual(ImageMemory.Write(1500, new LexicalSource(expected, null)), ImageMemory.Write(1500, new LexicalSource(snapshot, null)));
        }
    }

    [TestMethod]
    public void Rows_come_in_order()
    {
        using var index = new MutableLexicalIndex(TextLanguage.None);
        index.Add(4, "text");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => index.Add(4, "text"));
        index.Add(5, "text"u8);
        Assert.AreEqual(2, index.Snapshot().DocumentFrequency("text"u8));
    }

    [TestMethod]
    public void Memory_is_counted()
    {
        var texts = new GeneratedTexts(2000, seed: 6);
        using var index = texts.Index();
        var characters = texts.Texts.Sum(text => (long)text.Length);
        Assert.IsTrue(index.Bytes > index.Rows && index.Bytes < characters * 3, $"{index.Bytes} for {characters}");
    }

    [TestMethod]
    public async Task Searches_while_rows_are_added_see_whole_texts_and_the_same_as_later()
    {
        var texts = new GeneratedTexts(8000, seed: 8, vocabulary: 500);
        using var index = new MutableLexicalIndex(TextLanguage.None);
        var adding = Task.Run(() =>
        {
            for (var row = 0; row < texts.Count; row++)
            {
                index.Add(row, texts.Texts[row]);
            }
        });

        var seen = new List<(string Query, int Rows, LexicalHit[] Hits)>();
        var random = new Random(1);
        do
        {
            var snapshot = index.Snapshot(index.Rows - random.Next(3));
            var query = $"w{random.Next(20)} w{random.Next(100)}";
            var hits = Top(snapshot, query, LexicalWay.BlockMax);
            CollectionAssert.AreEqual(Top(snapshot, query, LexicalWay.Exhaustive), hits, "the same snapshot gave two answers");
            seen.Add((query, snapshot.Rows, hits));
        }
        while (!adding.IsCompleted);

        await adding;
        foreach (var (query, rows, hits) in seen.Where((_, i) => i % (1 + seen.Count / 300) == 0))
        {
            CollectionAssert.AreEqual(Top(index.Snapshot(rows), query, LexicalWay.Exhaustive), hits);
        }

        Console.WriteLine($"{seen.Count} searches");
    }

    private static LexicalHit[] Top(LexicalSnapshot snapshot, string query, LexicalWay way)
    {
        var hits = new LexicalHit[10];
        var search = new LexicalSearch([snapshot], LexicalQuery.Parse(query, TextLanguage.None), Bm25Options.Default);
        return hits[..search.Top(new AllRows(), new PlaceKey(), hits, way)];
    }
}
