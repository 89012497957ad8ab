using Sutra.Api.Querying;

namespace Sutra.Tests.Api.Querying;

[TestClass]
public sealed class DocumentRankingTests
{
    [TestMethod]
    public void Further_pieces_of_a_section_come_after_other_sections()
    {
        var arranged = DocumentRanking.Arrange(
        [
            Piece("1", 0.9, "book", "Tea > Green"), Piece("2", 0.8, "book", "Tea > Green"), Piece("3", 0.7, "book", "Tea > Green"),
            Piece("4", 0.6, "book", "Tea > Black"), Piece("5", 0.5, "other", "Tea > Green"),
        ]);
        CollectionAssert.AreEqual(new[] { "1", "4", "5", "2", "3" }, Ids(arranged));
        CollectionAssert.AreEqual(arranged.Select(one => one.Score).OrderDescending().ToArray(), arranged.Select(one => one.Score).ToArray(), "best first");
    }

    [TestMethod]
    public void A_good_piece_speaks_for_the_others_of_its_document()
    {
        var arranged = DocumentRanking.Arrange([Piece("1", 0.9, "tea", "Tea > Green"), Piece("2", 0.52, "coffee", "Coffee > Beans"), Piece("3", 0.5, "tea", "Tea > Black")]);
        CollectionAssert.AreEqual(new[] { "1", "3", "2" }, Ids(arranged));
        Assert.IsTrue(arranged.All(one => one.Score is > 0 and <= 1));

        arranged = DocumentRanking.Arrange([Piece("1", 0.9, "tea", "Tea > Green"), Piece("2", 0.8, "coffee", "Coffee > Beans"), Piece("3", 0.5, "tea", "Tea > Black")]);
        CollectionAssert.AreEqual(new[] { "1", "2", "3" }, Ids(arranged), "a little, not more");
    }

    [TestMethod]
    public void What_belongs_to_no_document_stays_as_it_was()
    {
        Ranked[] ranked = [Piece("1", 0.9, null, null), Piece("2", 0.8, null, "Tea > Green"), Piece("3", 0.7, null, "Tea > Green")];
        Assert.AreSame(ranked, DocumentRanking.Arrange(ranked));

        // Rows of a table stand under no heading: each is for itself.
        var arranged = DocumentRanking.Arrange([.. ranked, Piece("4", 0.6, "table", null), Piece("5", 0.59, "table", null)]);
        CollectionAssert.AreEqual(new[] { "1", "2", "3", "4", "5" }, Ids(arranged));
        Assert.AreEqual(0.8, arranged[1].Score);
    }

    [TestMethod]
    public void The_nearest_heading_is_the_last_of_the_path()
    {
        Assert.AreEqual("Green", Section.Of(Metadata("book", "Tea > Green"))!.Value.Heading);
        Assert.AreEqual("Tea", Section.Of(Metadata("book", "Tea"))!.Value.Heading);
        Assert.IsNull(Section.Of(Metadata("book", null)));
        Assert.IsNull(Section.Of(Metadata(null, "Tea")));
    }

    [TestMethod]
    public void Of_texts_that_are_alike_the_one_under_the_nearer_heading_is_first()
    {
        var terms = Tokenizer.Question("how is tea brewed");
        Candidate[] candidates =
        [
            new("1", "Pour hot water.", 0.3, Metadata("book", "Washing")) { Wording = 0, Heading = 0.1 },
            new("2", "Pour hot water.", 0.3, Metadata("book", "Brewing")) { Wording = 0, Heading = 0.6 },
            new("3", "Pour hot water.", 0.3, Metadata(null, null)) { Wording = 0 },
        ];
        CollectionAssert.AreEqual(new[] { "2", "3", "1" }, Ids(Reranker.Rank(terms, candidates, CancellationToken.None)));
    }

    [TestMethod]
    public void Names_and_dates_decide_where_there_are_some_and_meaning_where_there_are_none()
    {
        // The far text has all the question's words, the near one none.
        CollectionAssert.AreEqual(new[] { "far", "near" }, Ask("Acme 2025-03-14", "Acme on 2025-03-14."));
        CollectionAssert.AreEqual(new[] { "near", "far" }, Ask("turning off lights", "Turning lights off."));

        static string[] Ask(string question, string text) => Ids(Reranker.Rank(
            Tokenizer.Question(question),
            [new("near", "Something else.", 0.75, Metadata(null, null)) { Wording = 0 }, new("far", text, 0.2, Metadata(null, null)) { Wording = 1 }],
            CancellationToken.None));
    }

    private static Ranked Piece(string id, double score, string? document, string? section) => new(new Candidate(id, "text", score, Metadata(document, section)), 0, score, []);

    private static Dictionary<string, string> Metadata(string? document, string? section)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (document is not null)
        {
            metadata["document_id"] = document;
        }

        if (section is not null)
        {
            metadata["section"] = section;
        }

        return metadata;
    }

    private static string[] Ids(IEnumerable<Ranked> ranked) => [.. ranked.Select(one => one.Candidate.ConceptId)];
}
