using Sutra.Examples.Finance;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Examples;

[TestClass]
public sealed class FinanceExampleTests
{
    [TestMethod]
    public void The_generator_makes_the_committed_file_byte_for_byte()
    {
        var written = new StringWriter();

        OhlcvCsv.Write(written, MarketGenerator.Generate());

        Assert.AreEqual(File.ReadAllText(Path.Combine(Repository.Root, "examples", "finance", "daily-ohlcv.csv")), written.ToString());
    }

    [TestMethod]
    public void There_are_eight_companies_of_250_weekdays_each()
    {
        var rows = OhlcvCsv.ReadExample();

        Assert.AreEqual(2000, rows.Count);
        Assert.AreEqual(8, rows.GroupBy(r => (r.Company, r.Ticker)).Count(g => g.Select(r => r.Date).Distinct().Count() == 250));
        Assert.IsFalse(rows.Any(r => r.Date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday));
    }

    [TestMethod]
    public void Every_row_is_a_plausible_day()
    {
        foreach (var row in OhlcvCsv.ReadExample())
        {
            Assert.IsTrue(row.Low > 0 && row.Low <= Math.Min(row.Open, row.Close) && row.High >= Math.Max(row.Open, row.Close) && row.Volume > 0, row.ToString());
            Assert.IsTrue(Math.Abs((row.Close / row.Open) - 1) < 0.25m, row.ToString());
        }
    }

    [TestMethod]
    public void Reading_what_was_written_gives_the_same_rows()
    {
        var rows = MarketGenerator.Generate(seed: 5).ToArray();
        var written = new StringWriter();
        OhlcvCsv.Write(written, rows);

        CollectionAssert.AreEqual(rows, OhlcvCsv.Read(new StringReader(written.ToString())).ToArray());
    }

    [TestMethod]
    [DataRow("company,price\n", "Line 1")]
    [DataRow("company,ticker,date,open,high,low,close,volume\nA,B,2025-01-02,1.00,1.00,1.00,1.00,5\nA,B,not a date,1.00,1.00,1.00,1.00,5\n", "Line 3")]
    public void A_bad_file_is_refused_with_its_line(string csv, string line)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => OhlcvCsv.Read(new StringReader(csv)));

        StringAssert.Contains(error.Message, line);
    }

    [TestMethod]
    public void Every_sentence_stands_alone_with_company_date_and_value()
    {
        var row = new OhlcvRow("Brightmoor Energy", "BRME", new DateOnly(2025, 3, 14), 67.36m, 68.49m, 67.35m, 68.44m, 4_933_432);

        var sentences = OhlcvConcept.Content(row).Split(". ");

        Assert.AreEqual("Brightmoor Energy (BRME) closed at 68.44 USD on Friday, 14 March 2025, up 1.60 % from its open", sentences[0]);
        Assert.AreEqual("On 2025-03-14 a volume of 4,933,432 shares of Brightmoor Energy (BRME) was traded.", sentences[3]);
        Assert.IsTrue(sentences.All(s => s.Contains("Brightmoor Energy (BRME)") && (s.Contains("2025-03-14") || s.Contains("14 March 2025"))));
    }

    [TestMethod]
    public void Metadata_holds_the_figures_once_more()
    {
        var row = new OhlcvRow("Dovetail Foods", "DVTF", new DateOnly(2025, 1, 2), 91m, 92.5m, 90.25m, 91.1m, 1_000_000);

        var metadata = OhlcvConcept.Metadata(row);

        Assert.AreEqual(
            "company=Dovetail Foods data_type=daily_ohlcv date=2025-01-02 price_close=91.10 price_high=92.50 price_low=90.25 price_open=91.00 source=examples/finance ticker=DVTF volume=1000000",
            string.Join(' ', metadata.Select(m => $"{m.Key}={m.Value}")));
    }

    [TestMethod]
    public void The_three_questions_have_different_answers_that_their_rows_contain()
    {
        var questions = ExampleQuestion.For(OhlcvCsv.ReadExample());

        Assert.AreEqual(3, questions.Select(q => q.ExpectedValue).Distinct().Count());
        Assert.IsTrue(questions.All(q => OhlcvConcept.Content(q.Source).Contains(q.ExpectedValue)));
    }
}
