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
    public void A_sentence_without_end_is_cut_between_words_and_nothing_of_it_is_lost()
    {
        var words = string.Join(' ', Enumerable.Range(0, 2000).Select(i => $"word{i}"));
        var pieces = Sentences.Split(words);
        Assert.AreEqual(words, string.Join(' ', pieces));
        Assert.IsLessThanOrEqualTo(Sentences.MaxLength, pieces.Max(piece => piece.Length));

        var faces = "a" + string.Concat(Enumerable.Repeat("😀", 1000));
        var (answer, _) = Ask("zebra", [new("1", $"{words}\n{faces} zebra", 0.9, s_none)]);
        StringAssert.EndsWith(answer.Text, "zebra");
        Assert.AreEqual(faces, string.Concat(Sentences.Split(faces)));
        Assert.IsTrue(Sentences.Split(faces).All(piece => !char.IsHighSurrogate(piece[^1])));
    }

    [TestMethod]
    public void A_name_that_is_also_a_word_of_the_question_is_asked_for_once()
    {
        var (answer, _) = Ask("Does Apple sell apple juice?", [new("1", "Apple sells apple juice.", 0.8, s_none)]);
        Assert.AreEqual("Apple sells apple juice.", answer.Text);
    }

    [TestMethod]
    public void A_date_is_found_at_the_very_end_of_the_longest_text()
    {
        const string End = "The harbour fee was 12 crowns on 14 March 2025.";
        var filler = string.Concat(Enumerable.Repeat("The harbour has a fee. ", 40_000));
        var (answer, _) = Ask("What was the harbour fee on 2025-03-14?", [new("1", filler + End, 0.8, s_none)]);
        Assert.IsNotNull(answer.Text, answer.NoAnswerReason);
        StringAssert.Contains(answer.Text, End);

        (answer, _) = Ask("What was the harbour fee on 2025-03-15?", [new("1", filler + End, 0.8, s_none)]);
        Assert.IsNull(answer.Text);
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

    [TestMethod]
    public void An_asker_who_goes_away_ends_the_ranking_before_the_next_candidate()
    {
        using var asker = new CancellationTokenSource();
        var candidates = new Interrupted<Candidate>(1000, at: 5, asker, i => new Candidate($"{i:x16}", "Some words.", 0.5, s_none));

        Assert.Throws<OperationCanceledException>(() => Reranker.Rank(Tokenizer.Question("anything"), candidates, asker.Token));
        Assert.AreEqual(5, candidates.Read);
        var ranked = Reranker.Rank([], [new("1", "One. Two.", 0.9, s_none)], CancellationToken.None);
        Assert.Throws<OperationCanceledException>(() => AnswerExtractor.Extract([], ranked, asker.Token));
    }

    [TestMethod]
    public void Picking_sentences_reads_each_a_few_times_whatever_the_question_and_ends_when_the_asker_goes_away()
    {
        const int Terms = 2000;
        using var asker = new CancellationTokenSource();
        var sentences = Enumerable.Range(0, 10_000).Select(i => new[] { i % Terms }).ToArray();

        var read = new Interrupted<IReadOnlyList<int>>(sentences.Length, at: int.MaxValue, asker, i => sentences[i]);
        SentencePicker.Pick(Terms, read, asker.Token);
        Assert.IsLessThanOrEqualTo((SentencePicker.MaxSentences + 2) * sentences.Length, read.Read);

        foreach (var at in new[] { 5, sentences.Length + 5 })
        {
            using var leaving = new CancellationTokenSource();
            read = new Interrupted<IReadOnlyList<int>>(sentences.Length, at, leaving, i => sentences[i]);
            Assert.Throws<OperationCanceledException>(() => SentencePicker.Pick(Terms, read, leaving.Token));
            Assert.AreEqual(at, read.Read);
        }
    }

    [TestMethod]
    public async Task As_many_are_ranked_at_once_as_there_are_processors_and_who_waits_may_leave()
    {
        using var gate = new RankingGate();
        using var done = new ManualResetEventSlim();
        var running = 0;
        var work = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Factory.StartNew(
            () => gate.RunAsync(
                () =>
                {
                    Interlocked.Increment(ref running);
                    return Task.FromResult(done.Wait(TimeSpan.FromSeconds(30)));
                },
                CancellationToken.None),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()).ToList();
        await ApiUnderTest.WaitUntilAsync(
            () => Task.FromResult(Volatile.Read(ref running) == Environment.ProcessorCount), TimeSpan.FromSeconds(10), () => "not all of them run");

        using var asker = new CancellationTokenSource();
        var entered = false;
        var waiting = gate.RunAsync(() => Task.FromResult(entered = true), asker.Token);
        await asker.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        Assert.IsFalse(entered);
        done.Set();
        await Task.WhenAll(work);
        Assert.IsTrue(await gate.RunAsync(() => Task.FromResult(true), CancellationToken.None));
    }

    private static (Answer Answer, Candidate? Best) Ask(string question, IReadOnlyList<Candidate> candidates)
    {
        var terms = Tokenizer.Question(question);
        var ranked = Reranker.Rank(terms, candidates, CancellationToken.None);
        return (AnswerExtractor.Extract(terms, ranked, CancellationToken.None), ranked.Count > 0 ? ranked[0].Candidate : null);
    }

    /// <summary>Items in the middle of which the asker goes away.</summary>
    private sealed class Interrupted<T>(int count, int at, CancellationTokenSource asker, Func<int, T> item) : IReadOnlyList<T>
    {
        public int Read { get; private set; }

        public int Count => count;

        public T this[int index]
        {
            get
            {
                if (++Read == at)
                {
                    asker.Cancel();
                }

                return item(index);
            }
        }

        public IEnumerator<T> GetEnumerator() => Enumerable.Range(0, count).Select(i => this[i]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
