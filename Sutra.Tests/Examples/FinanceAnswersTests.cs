using System.Globalization;
using System.Numerics.Tensors;
using Sutra.Api.Querying;
using Sutra.Examples.Finance;
using Sutra.Tests.Models;

namespace Sutra.Tests.Examples;

/// <summary>The built-in model, the example's texts and the API's ranking and answering together, without the services between them.</summary>
[TestClass]
public sealed class FinanceAnswersTests
{
    private static readonly IReadOnlyList<OhlcvRow> Rows = OhlcvCsv.ReadExample();
    private static StaticModel _model = null!;
    private static float[][] _vectors = null!;

    public TestContext TestContext { get; set; } = null!;

    [ClassInitialize]
    public static void Embed(TestContext _)
    {
        _model = new StaticModel(StaticModel.BuiltInFolder);
        _vectors = [.. Rows.Select(OhlcvConcept.Content).Chunk(100).SelectMany(_model.Embed)];
    }

    [ClassCleanup]
    public static void Unload() => _model.Dispose();

    [TestMethod]
    public void The_demo_questions_are_answered_with_the_known_values()
    {
        foreach (var question in ExampleQuestion.For(Rows))
        {
            var (answer, rank) = Ask(question.Text, question.Source);
            TestContext.WriteLine($"{question.Text} → {answer.Text} (confidence {answer.Confidence}, rank by cosine {rank})");

            StringAssert.Contains(answer.Text, question.ExpectedValue);
        }
    }

    [TestMethod]
    public void Questions_about_any_row_find_it_among_50_by_cosine_and_are_answered()
    {
        var (found, answered, asked) = (0, 0, 0);
        foreach (var row in Rows.Where((_, i) => i % 37 == 0))
        {
            var iso = row.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var words = row.Date.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
            foreach (var (text, value) in new[]
            {
                ($"What was the closing price of {row.Company} on {iso}?", row.Close.ToString("F2", CultureInfo.InvariantCulture)),
                ($"What did {row.Company} close at on {words}?", row.Close.ToString("F2", CultureInfo.InvariantCulture)),
                ($"What was the lowest price of {row.Ticker} on {iso}?", row.Low.ToString("F2", CultureInfo.InvariantCulture)),
                ($"How many shares of {row.Company} were traded on {iso}?", row.Volume.ToString("N0", CultureInfo.InvariantCulture)),
            })
            {
                var (answer, rank) = Ask(text, row);
                asked++;
                found += rank <= 50 ? 1 : 0;
                answered += answer.Text?.Contains(value, StringComparison.Ordinal) == true ? 1 : 0;
            }
        }

        TestContext.WriteLine($"{asked} questions: {found} rows among the first 50 by cosine, {answered} answers right");
        Assert.IsTrue(found >= 0.9 * asked, $"Only {found} of {asked} rows were found.");
        Assert.IsTrue(answered >= 0.95 * asked, $"Only {answered} of {asked} answers were right.");
    }

    private static (Answer Answer, int Rank) Ask(string question, OhlcvRow source)
    {
        var query = _model.Embed(question);
        var ranked = Rows.Select((row, i) => (Row: row, Cosine: TensorPrimitives.Dot<float>(query, _vectors[i])))
            .OrderByDescending(r => r.Cosine).ToArray();
        var terms = Tokenizer.Question(question);

        // As the query pipeline does it: wider when a date that was asked for did not come up.
        var reranked = Rerank(50);
        if (Reranker.LacksExactTerm(terms, reranked))
        {
            reranked = Rerank(1000);
        }

        return (AnswerExtractor.Extract(terms, reranked, CancellationToken.None), Array.FindIndex(ranked, r => r.Row == source) + 1);

        IReadOnlyList<Ranked> Rerank(int count) => Reranker.Rank(
            terms, [.. ranked.Take(count).Select(r => new Candidate("0123456789abcdef", OhlcvConcept.Content(r.Row), r.Cosine, OhlcvConcept.Metadata(r.Row)))], CancellationToken.None);
    }
}
