using Sutra.Models.Eval.Corpus;
using Sutra.Models.Eval.Sets;
using Sutra.Models.Train.Corpus;

namespace Sutra.Tests.Models.Eval;

[TestClass]
public sealed class SetTests
{
    [TestMethod]
    public void What_training_saw_elsewhere_is_no_document_and_what_it_did_not_is()
    {
        var digest = Digest(
            ("held", "river course", "The river winds through the valley."),
            ("held", "engine start", "Shared text."),
            ("held", "anchor elsewhere", "A text that is an anchor elsewhere."),
            ("seen", "other heading", "Shared text."),
            ("seen", "A text that is an anchor elsewhere.", "Something."),
            ("also-held", "third heading", "The river winds through the valley."));

        var set = Build(digest);

        // Texts of other held-out sources were not seen.
        CollectionAssert.AreEqual(new[] { "The river winds through the valley." }, set.Documents.ToArray());
        Assert.AreEqual(new RetrievalQuery("river course", 0), set.Queries.Single());
    }

    [TestMethod]
    public void Queries_are_anchors_of_enough_words_that_occur_once_and_whose_text_is_there()
    {
        var digest = Digest(
            ("held", "two words", "First text."),
            ("held", "one", "Second text."),
            ("held", "comes twice", "Third text."),
            ("held", "comes twice", "Fourth text."),
            ("held", "Fifth text itself.", "Fifth text itself."),
            ("held", "was seen", "Sixth text."),
            ("seen", "x", "Sixth text."));

        var set = Build(digest);

        Assert.HasCount(5, set.Documents);
        Assert.AreEqual("two words", set.Queries.Single().Text);
        Assert.AreEqual("First text.", set.Documents[set.Queries.Single().Relevant]);
        CollectionAssert.AreEquivalent(new[] { "two words", "one" }, Build(digest, minimumWords: 1).Queries.Select(q => q.Text).ToArray());
    }

    [TestMethod]
    public void A_text_that_mostly_stands_in_a_longer_one_is_no_document()
    {
        const string Sentence = "Glaciers carve deep valleys as they slide slowly down towards the sea.";
        const string Rest = "What they leave behind are moraines, long ridges of gravel and clay that mark where the ice once ended.";
        const string Other = "Moraines are ridges of gravel; lakes often form behind them when the climate turns warm again.";

        var kept = DistinctTexts.Of([Rest, Other, $"{Sentence} {Rest}"]);

        Assert.IsTrue(kept.SetEquals([$"{Sentence} {Rest}", Other]));
    }

    [TestMethod]
    public void The_same_seed_draws_the_same_set_in_whatever_order_the_pairs_come()
    {
        var pairs = Enumerable.Range(0, 300).Select(i => ("held", $"heading {i}", $"Text number {i}.")).ToArray();
        var reversed = pairs.Reverse().ToArray();

        var (set, same, other) = (Build(Digest(pairs), seed: 1), Build(Digest(reversed), seed: 1), Build(Digest(pairs), seed: 2));

        Assert.HasCount(100, set.Documents);
        Assert.HasCount(20, set.Queries);
        CollectionAssert.AreEqual(set.Documents.ToArray(), same.Documents.ToArray());
        CollectionAssert.AreEqual(set.Queries.ToArray(), same.Queries.ToArray());
        CollectionAssert.AreNotEqual(set.Documents.ToArray(), other.Documents.ToArray());
    }

    [TestMethod]
    public void Paragraph_pairs_are_graded_by_paragraph_heading_source_and_nothing()
    {
        string[] words = ["ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine"];
        var pairs = Enumerable.Range(0, 40).Select(i => new TextPair($"heading {i / 2}", Paragraph($"held{i}"))).ToArray();
        var others = Enumerable.Range(0, 40).Select(i => Paragraph($"other{i}"));

        var set = ParagraphKinship.Build("held", pairs, others, pairs.Select(p => p.Positive).ToHashSet(), seed: 1);

        Assert.HasCount(4, set.Pairs.CountBy(p => p.Grade));
        Assert.HasCount(1, set.Pairs.CountBy(p => p.Grade).Select(g => g.Value).Distinct());
        foreach (var pair in set.Pairs)
        {
            var (a, b) = (pair.A.Split(' ')[0], pair.B.Split(' ')[0]);
            var kinship = b.StartsWith("Other", StringComparison.Ordinal) ? 0 : a == b ? 3 : Number(a) / 2 == Number(b) / 2 ? 2 : 1;
            Assert.AreEqual(kinship, pair.Grade, $"{a} {b}");
        }

        string Paragraph(string name) => $"{Capital(name)} {string.Join(' ', words)}. {Capital(name)} {string.Join(' ', words.Reverse())}.";
        static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];
        static int Number(string name) => int.Parse(name[4..]);
    }

    [TestMethod]
    public void Dictionary_terms_of_one_gloss_are_synonyms_and_those_with_a_common_wider_term_kindred()
    {
        var entries = Enumerable.Range(0, 30).SelectMany(i => new[]
        {
            new TextPair($"alpha{i}", $"kind{i}: gloss of number {i}"),
            new TextPair($"beta{i}", $"kind{i}: gloss of number {i}"),
            new TextPair($"gamma{i}", $"kind{i}: another thing {i}"),
        }).ToArray();

        var terms = DictionaryKinship.Build([entries], _ => false, seed: 1).Single();

        Assert.HasCount(3, terms.Pairs.CountBy(p => p.Grade));
        foreach (var (a, b, _) in terms.Pairs.Where(p => p.Grade == 2).Select(p => (p.A, p.B, p.Grade)))
        {
            Assert.AreEqual(a.TrimStart([.. "alphbet"]), b.TrimStart([.. "alphbet"]));
        }

        Assert.IsTrue(terms.Pairs.Where(p => p.Grade == 1).All(p => p.A.Contains("gamma") != p.B.Contains("gamma")));
    }

    [TestMethod]
    public void Every_split_of_the_repository_can_be_read_and_they_share_no_source()
    {
        var path = Path.Combine(Harness.Repository.Root, "models", "eval", "splits.json");
        string[] names = ["docs", "dictionary", Splits.Tuning];

        var sources = names.SelectMany(name => Splits.Read(path, name)).ToArray();

        Assert.HasCount(15, sources);
        CollectionAssert.AllItemsAreUnique(sources);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Splits.Read(path, "absent"));
        StringAssert.Contains(error.Message, "docs, dictionary");
    }

    private static RetrievalSet Build(CorpusDigest digest, int minimumWords = 2, ulong seed = 1) =>
        RetrievalSet.Build("held", digest.Pairs["held"], RetrievalSet.Usable(digest.Pairs["held"], digest.Training.Has), minimumWords, 100, 20, seed);

    private static CorpusDigest Digest(params (string Source, string Anchor, string Positive)[] pairs) =>
        CorpusReader.Read(
            [new SourcedChunk([.. pairs.Select(p => new TextPair(p.Anchor, p.Positive))], [.. pairs.Select(p => p.Source)])],
            ["held", "also-held"],
            ["held", "also-held"],
            tokenizers: [],
            threads: 1);
}
