using Sutra.Api.Querying;
using Sutra.Examples.Finance;

namespace Sutra.Tests.Api.Querying;

[TestClass]
public sealed class AnswerTests
{
    private static readonly IReadOnlyDictionary<string, string> s_none = new Dictionary<string, string>(StringComparer.Ordinal);

    [TestMethod]
    public void Sentences_end_where_people_end_them()
    {
        CollectionAssert.AreEqual(
            new[] { "Dr. Smith of Acme Inc. paid 84.20 USD.", "Was it much?", "“No!”", "A line", "Another one" },
            Sentences.Split("Dr. Smith of Acme Inc. paid 84.20 USD. Was it much? “No!” A line\nAnother one").ToArray());
    }

    [TestMethod]
    public void The_one_day_that_is_asked_for_comes_first_among_hundreds_alike()
    {
        var rows = OhlcvCsv.ReadExample();
        var candidates = rows.Select((row, i) => new Candidate($"{i:x16}", OhlcvConcept.Content(row), 0.7, s_none)).ToList();
        foreach (var question in ExampleQuestion.For(rows))
        {
            var (answer, best) = Ask(question.Text, candidates);
            Assert.AreEqual(OhlcvConcept.Content(question.Source), best?.Content);
            Assert.IsNotNull(answer.Text, $"{question.Text}: {answer.NoAnswerReason}");
            Assert.Contains(question.ExpectedValue, answer.Text);
            Assert.IsLessThan(best!.Content.Length, answer.Text.Length, "an answer is part of the evidence");
            Assert.IsGreaterThan(0.7, answer.Confidence);
        }
    }

    [TestMethod]
    [DataRow("What did Brightmoor Energy close at on 14 March 2031?")]
    [DataRow("What did Foobar Motors close at on 14 March 2025?")]
    [DataRow("Who painted the ceiling of the Sistine Chapel?")]
    [DataRow("how deep is the ocean")]
    public void What_the_evidence_does_not_say_is_not_answered(string question)
    {
        var rows = OhlcvCsv.ReadExample();
        var candidates = rows.Select((row, i) => new Candidate($"{i:x16}", OhlcvConcept.Content(row), question.Contains("close", StringComparison.Ordinal) ? 0.8 : 0.2, s_none)).ToList();
        var (answer, _) = Ask(question, candidates);
        Assert.IsNull(answer.Text);
        Assert.IsNotNull(answer.NoAnswerReason);
        Assert.IsLessThan(AnswerExtractor.MinConfidence, answer.Confidence);
    }

    [TestMethod]
    public void Several_sentences_are_taken_when_one_does_not_say_it_all()
    {
        const string Content = "Acme reported on 2025-03-14. Weather was mild. The dividend rose to 3 dollars.";
        var (answer, _) = Ask("What dividend did Acme report on 2025-03-14?", [new("1", Content, 0.6, s_none), new("2", "Something else.", 0.1, s_none)]);
        Assert.AreEqual("Acme reported on 2025-03-14. The dividend rose to 3 dollars.", answer.Text);
    }

    [TestMethod]
    public void Confidence_never_falls_with_more_support()
    {
        var before = 0.0;
        foreach (var content in new[] { "Nothing of it.", "A kettle.", "A kettle boils.", "A kettle boils water.", "A kettle boils water quickly." })
        {
            foreach (var cosine in new[] { 0.1, 0.4, 0.9 })
            {
                var (answer, _) = Ask("kettle boils water quickly", [new("1", content, cosine, s_none), new("2", "Other.", 0, s_none)]);
                Assert.IsTrue(answer.Confidence is >= 0 and <= 1);
                if (cosine == 0.1)
                {
                    Assert.IsGreaterThanOrEqualTo(before, answer.Confidence, content);
                    before = answer.Confidence;
                }
            }
        }

        var weaker = Ask("kettle boils", [new("1", "A kettle boils.", 0.4, s_none)]).Answer.Confidence;
        Assert.IsGreaterThan(weaker, Ask("kettle boils", [new("1", "A kettle boils.", 0.9, s_none)]).Answer.Confidence);
    }

    [TestMethod]
    public void Meaning_decides_where_no_word_is_shared()
    {
        var (_, best) = Ask("automobile repair", [new("1", "Gardens in spring.", 0.1, s_none), new("2", "Fixing cars.", 0.8, s_none)]);
        Assert.AreEqual("2", best?.ConceptId);
    }

    [TestMethod]
    public void Nothing_learned_is_said()
    {
        var (answer, _) = Ask("anything", []);
        Assert.AreEqual(0, answer.Confidence);
        Assert.IsNotNull(answer.NoAnswerReason);
    }

    private static (Answer Answer, Candidate? Best) Ask(string question, IReadOnlyList<Candidate> candidates)
    {
        var terms = Tokenizer.Question(question);
        var ranked = Reranker.Rank(terms, candidates);
        return (AnswerExtractor.Extract(terms, ranked), ranked.Count > 0 ? ranked[0].Candidate : null);
    }
}
