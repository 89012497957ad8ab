using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Tests.Storage.Lexical;

[TestClass]
public sealed class LexicalSearchTests
{
    private static readonly GeneratedTexts Texts = new(3000);

    [TestMethod]
    public void Scores_are_those_of_BM25_written_down_plainly()
    {
        using var index = Texts.Index();
        using var memory = ImageMemory.Of(index);
        using var image = memory.Open();
        foreach (var (k1, b) in new[] { (1.2f, 0.75f), (0.9f, 0.4f), (2f, 1f), (1f, 0f) })
        {
            for (var i = 0; i < 10; i++)
            {
                var query = Texts.Query(1 + i % 5);
                var expected = Texts.Scores(query, k1, b);
                foreach (LexicalPart part in new LexicalPart[] { index.Snapshot(), image })
                {
                    var search = Search(query, new Bm25Options(k1, b), part);
                    var hits = new LexicalHit[Texts.Count];
                    var found = search.Top(new AllRows(), new PlaceKey(), hits);
                    Assert.AreEqual(expected.Count(score => score > 0), found);
                    var rank = expected.OrderDescending().ToArray();
                    for (var h = 0; h < found; h++)
                    {
                        Assert.AreEqual(expected[hits[h].Row], hits[h].Score, 1e-5 * hits[h].Score);
                        Assert.AreEqual(rank[h], hits[h].Score, 1e-5 * hits[h].Score);
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Block_max_WAND_gives_what_the_exhaustive_scorer_gives_bit_by_bit()
    {
        // Three images and a growing index; few different lengths and words, so that many scores are equal.
        var texts = new GeneratedTexts(20_000, seed: 5, vocabulary: 400, longest: 12);
        using var growing = texts.Index(i => i % 4 == 0);
        using var images = new Images(texts, i => i % 4 == 1, i => i % 4 == 2, i => i % 4 == 3);
        LexicalPart[] parts = [images.Open[0], growing.Snapshot(), images.Open[1], images.Open[2]];
        var random = new Random(11);
        for (var i = 0; i < 250; i++)
        {
            var k = new[] { 1, 3, 10, 100, 1000 }[random.Next(5)];
            var search = Search(texts.Query(1 + random.Next(8)), Bm25Options.Default, parts);
            var filter = new EveryNth(new[] { 1, 2, 7, 100 }[random.Next(4)], 3);
            AssertSame(search, filter, new MixedKey(), k);
            AssertSame(search, filter, new PlaceKey(), k);
        }
    }

    [TestMethod]
    public void A_score_does_not_depend_on_the_part_that_a_row_is_in()
    {
        using var whole = Texts.Index();
        using var images = new Images(Texts, i => i % 3 == 0, i => i % 3 == 1);
        using var rest = Texts.Index(i => i % 3 == 2);
        for (var i = 0; i < 50; i++)
        {
            var query = Texts.Query(1 + i % 4);
            var hits = new LexicalHit[Texts.Count];
            var found = Search(query, Bm25Options.Default, whole.Snapshot()).Top(new AllRows(), new PlaceKey(), hits);
            var expected = hits.Take(found).ToDictionary(hit => hit.Row, hit => hit.Score);
            var search = Search(query, Bm25Options.Default, images.Open[0], images.Open[1], rest.Snapshot());
            Assert.AreEqual(found, search.Top(new AllRows(), new PlaceKey(), hits));
            Assert.IsTrue(hits.Take(found).All(hit => expected[hit.Row * 3 + hit.Part] == hit.Score));
        }
    }

    [TestMethod]
    public void Given_rows_get_the_scores_that_a_search_gives_them()
    {
        using var growing = Texts.Index(i => i % 2 == 0);
        using var images = new Images(Texts, i => i % 2 == 1);
        var random = new Random(2);
        for (var i = 0; i < 50; i++)
        {
            var search = Search(Texts.Query(1 + i % 20), Bm25Options.Default, images.Open[0], growing.Snapshot());
            var hits = new LexicalHit[Texts.Count];
            var found = search.Top(new AllRows(), new PlaceKey(), hits);
            for (var part = 0; part < 2; part++)
            {
                var expected = hits.Take(found).Where(hit => hit.Part == part).ToDictionary(hit => hit.Row, hit => hit.Score);
                var rows = Enumerable.Range(0, 100).Select(_ => random.Next(Texts.Count / 2)).ToArray();
                var scores = new float[rows.Length];
                search.Score(part, rows, scores);
                CollectionAssert.AreEqual(rows.Select(row => expected.GetValueOrDefault(row)).ToArray(), scores);
            }
        }
    }

    [TestMethod]
    public void Frequencies_are_summed_over_the_parts()
    {
        using var growing = Texts.Index(i => i % 2 == 0);
        using var images = new Images(Texts, i => i % 2 == 1);
        var search = Search("w1 w5 w5 nowhere", Bm25Options.Default, images.Open[0], growing.Snapshot());
        foreach (var (term, word) in new[] { (0, "w1"), (1, "w5"), (2, "nowhere") })
        {
            var expected = Texts.Texts.Count(text => text.Split(' ').Contains(word));
            Assert.AreEqual(expected, search.DocumentFrequency(term));
            Assert.AreEqual(search.Idf(term), search.Idf(System.Text.Encoding.UTF8.GetBytes(word)));
        }

        Assert.IsTrue(search.Idf(0) > 0 && search.Idf(1) > search.Idf(0) && search.Idf(2) > search.Idf(1));
    }

    [TestMethod]
    public void Nothing_is_found_where_there_is_nothing()
    {
        using var empty = new MutableLexicalIndex(TextLanguage.English);
        using var memory = ImageMemory.Of(empty);
        using var image = memory.Open();
        var hits = new LexicalHit[3];
        Assert.AreEqual(0, Search("word", Bm25Options.Default, empty.Snapshot(), image).Top(new AllRows(), new PlaceKey(), hits));
        Assert.AreEqual(0, Search("", Bm25Options.Default, empty.Snapshot()).Top(new AllRows(), new PlaceKey(), hits));
        Assert.AreEqual(0, Search("word", Bm25Options.Default).Top(new AllRows(), new PlaceKey(), hits));
        empty.Add(5, "a word");
        Assert.AreEqual(0, Search("word", Bm25Options.Default, empty.Snapshot()).Top(new AllRows(), new PlaceKey(), []));
        Assert.AreEqual(1, Search("words", Bm25Options.Default, empty.Snapshot()).Top(new AllRows(), new PlaceKey(), hits));
        Assert.AreEqual(5, hits[0].Row);
    }

    private static LexicalSearch Search(string query, Bm25Options options, params LexicalPart[] parts) =>
        new(parts, LexicalQuery.Parse(query, parts.Length > 0 && parts[0].Rows == 6 ? TextLanguage.English : TextLanguage.None), options);

    private static void AssertSame<TFilter, TKey>(LexicalSearch search, TFilter filter, TKey key, int k)
        where TFilter : struct, IRowFilter
        where TKey : struct, IRowKey
    {
        var (expected, actual) = (new LexicalHit[k], new LexicalHit[k]);
        var count = search.Top(filter, key, expected, LexicalWay.Exhaustive);
        Assert.AreEqual(count, search.Top(filter, key, actual, LexicalWay.BlockMax));
        CollectionAssert.AreEqual(expected, actual);
        for (var i = 1; i < count; i++)
        {
            var (a, b) = (expected[i - 1], expected[i]);
            Assert.IsTrue(a.Score > b.Score || (a.Score == b.Score && key.Key(a.Part, a.Row) < key.Key(b.Part, b.Row)));
            Assert.IsTrue(filter.Accepts(b.Part, b.Row));
        }
    }

    private sealed class Images : IDisposable
    {
        private readonly List<ImageMemory> _memory = [];

        public Images(GeneratedTexts texts, params Func<int, bool>[] takes)
        {
            foreach (var take in takes)
            {
                using var index = texts.Index(take);
                _memory.Add(ImageMemory.Of(index));
                Open.Add(_memory[^1].Open());
            }
        }

        public List<LexicalImage> Open { get; } = [];

        public void Dispose()
        {
            Open.ForEach(image => image.Dispose());
            _memory.ForEach(memory => memory.Dispose());
        }
    }
}
