using Sutra.Models.Eval.Systems;

namespace Sutra.Tests.Models.Eval;

[TestClass]
public sealed class RankingTests
{
    [TestMethod]
    public void Bm25_scores_as_computed_by_hand()
    {
        var index = new Bm25Index(["cat cat dog", "dog bird"]);

        var scores = index.Score("cat");

        // ln(1 + 1.5/1.5) · 2 · 2.2 / (2 + 1.2 · (0.25 + 0.75 · 3/2.5)) = 0.693147 · 4.4 / 3.38
        Assert.AreEqual(0.902323f, scores[0], 1e-5f);
        Assert.AreEqual(0f, scores[1]);
    }

    [TestMethod]
    public void Bm25_adds_up_terms_and_prefers_the_shorter_of_two_documents()
    {
        var index = new Bm25Index(["cat cat dog", "dog bird"]);

        var (both, dog, bird) = (index.Score("dog birds"), index.Score("dog"), index.Score("bird"));

        Assert.AreEqual(dog[1] + bird[1], both[1], 1e-6f);
        Assert.IsGreaterThan(dog[0], dog[1]);
    }

    [TestMethod]
    [DataRow("The cats' houses, and THE boxes", "cat hous box")]
    [DataRow("planned planning plans", "plan plan plan")]
    [DataRow("create creates created creating", "creat creat creat creat")]
    [DataRow("queries query", "query query")]
    [DataRow("version 3.14 costs 1,000; don't", "version 3.14 cost 1,000 don't")]
    [DataRow("snake_case Führungskräfte", "snake_cas führungskräft")]
    [DataRow("class status analysis sing red", "class status analysis sing red")]
    public void Words_are_broken_and_stemmed_lightly(string text, string terms) =>
        Assert.AreEqual(terms, string.Join(' ', WordAnalyzer.Analyze(text)));

    [TestMethod]
    public void A_word_stands_beside_the_term_that_it_is_indexed_by()
    {
        AnalyzedWord[] expected = [new("cats", "cat"), new("houses", "hous"), new("don't", "don't")];

        CollectionAssert.AreEqual(expected, WordAnalyzer.Words("The CATS' houses, don’t"));
    }

    [TestMethod]
    public void What_no_document_has_is_the_rarest()
    {
        var terms = new Bm25Index(["cat cat dog", "dog bird"]).Terms;

        // ln(1 + 2.5 / 0.5), ln(1 + 1.5 / 1.5), ln(1 + 0.5 / 2.5)
        Assert.AreEqual(1.791759f, terms.Idf("fish"), 1e-5f);
        Assert.AreEqual(0.693147f, terms.Idf("cat"), 1e-5f);
        Assert.AreEqual(0.182322f, terms.Idf("dog"), 1e-5f);
    }

    [TestMethod]
    public void A_fused_score_is_the_share_of_the_best_bm25_plus_the_weighted_cosine()
    {
        var fused = new float[3];

        FusedRanking.Score([4, 8, 0], [0.5f, 0.25f, 1f], 0.5f, fused);

        CollectionAssert.AreEqual(new[] { 0.75f, 1.125f, 0.5f }, fused);
    }

    [TestMethod]
    public void Without_its_answer_a_query_is_fused_as_if_the_answer_had_never_been_there()
    {
        var (outcome, cosine) = FusedRanking.Outcome([4, 8, 0], [0.5f, 0.25f, 1f], 0.5f, relevant: 1, new float[3]);

        // 4/4 + 0.25 once the document with 8 is gone.
        Assert.AreEqual((1, 1.125f, 1.25f), (outcome.Rank, outcome.Top, outcome.TopWithout));
        Assert.AreEqual((1, 0.25f, 0.5f), (cosine.Rank, cosine.Top, cosine.TopWithout));
    }

    [TestMethod]
    public void Cosines_of_cuts_are_those_of_beginnings_made_unit_again()
    {
        var vectors = new VectorTable([3, 4, 0, 12, 4, 3, 7, 1, 0, 0, 0, 0], [2, 4]);
        Span<float> cosines = stackalloc float[2];

        vectors.Cosines(0, vectors, 1, cosines);

        Assert.AreEqual(24 / 25f, cosines[0], 1e-6f);
        Assert.AreEqual((float)(36 / (13 * Math.Sqrt(75))), cosines[1], 1e-6f);
        vectors.Cosines(0, vectors, 2, cosines);
        Assert.AreEqual(0f, cosines[1]);
    }
}
