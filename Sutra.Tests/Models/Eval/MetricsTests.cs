using Sutra.Models.Eval.Metrics;
using Sutra.Models.Eval.Reports;

namespace Sutra.Tests.Models.Eval;

[TestClass]
public sealed class MetricsTests
{
    [TestMethod]
    public void Ndcg_discounts_by_the_logarithm_of_the_rank_and_ends_at_its_depth()
    {
        Assert.AreEqual(1.0, RetrievalMetrics.Ndcg([1]));
        Assert.AreEqual(0.5, RetrievalMetrics.Ndcg([3]), 1e-12); // 1 / log2(4)
        Assert.AreEqual(1 / Math.Log2(11), RetrievalMetrics.Ndcg([10]), 1e-12);
        Assert.AreEqual(0.0, RetrievalMetrics.Ndcg([11]));
    }

    [TestMethod]
    public void Ndcg_of_several_relevant_documents_is_a_share_of_the_best_possible_sum()
    {
        // (1 + 1/2) / (1 + 1/log2 3) = 1.5 / 1.63093
        Assert.AreEqual(0.919721, RetrievalMetrics.Ndcg([1, 3]), 1e-6);
        Assert.AreEqual(1.0, RetrievalMetrics.Ndcg([2, 1]), 1e-12);
    }

    [TestMethod]
    public void Recall_is_the_share_of_relevant_documents_within_its_depth()
    {
        Assert.AreEqual(0.5, RetrievalMetrics.Recall([1, 11]));
        Assert.AreEqual(1.0, RetrievalMetrics.Recall([10]));
        Assert.AreEqual(0.0, RetrievalMetrics.Recall([11]));
    }

    [TestMethod]
    public void Of_equal_scores_the_earlier_document_ranks_first()
    {
        float[] scores = [1, 3, 2, 3, 2];

        CollectionAssert.AreEqual(new[] { 5, 1, 3, 2, 4 }, Enumerable.Range(0, 5).Select(item => RetrievalMetrics.Rank(scores, item)).ToArray());
    }

    [TestMethod]
    public void Sets_count_the_same_in_the_average_whatever_their_size()
    {
        var average = RetrievalFigures.MacroAverage([RetrievalMetrics.Of([1]), RetrievalMetrics.Of([11, 11, 11])]);

        Assert.AreEqual(new RetrievalFigures(0.5, 0.5), average);
    }

    [TestMethod]
    public void The_gain_of_fusion_is_what_each_weight_adds_to_bm25_on_each_set()
    {
        // nDCG of ranks: 1 → 1, 3 → 0.5, 11 → 0.
        var gain = FusionGain.Of("model", 2, 0.1f, [0.05f, 0.1f], [new(0.5, 1), new(0.25, 1)], [[[3, 3], [1, 3]], [[11, 11], [1, 1]]]);

        CollectionAssert.AreEqual(new[] { 0.0, -0.25 }, gain.Weights[0].Sets.ToArray());
        CollectionAssert.AreEqual(new[] { 0.25, 0.75 }, gain.Weights[1].Sets.ToArray());
        Assert.AreEqual((0.1f, 0.5), (gain.Weights[1].Weight, gain.Weights[1].Average));
    }

    [TestMethod]
    public void Spearman_gives_equal_values_the_mean_of_their_ranks()
    {
        // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: 4.5 / √(4.5 · 5).
        Assert.AreEqual(0.948683, RankCorrelation.Spearman([1, 2, 2, 3], [10, 30, 20, 40]), 1e-6);
        Assert.AreEqual(-1.0, RankCorrelation.Spearman([1, 2, 3], [9, 5, 1]), 1e-12);
        Assert.AreEqual(0.0, RankCorrelation.Spearman([1, 1, 1], [1, 2, 3]));
    }

    [TestMethod]
    public void Spearman_of_equally_many_per_grade_reaches_its_known_best()
    {
        var grades = Enumerable.Range(0, 400).Select(i => (double)(i / 100)).ToArray();
        var scores = Enumerable.Range(0, 400).Select(i => (double)i).ToArray();

        Assert.AreEqual(Math.Sqrt(1 - (1 / 16.0)), RankCorrelation.Spearman(grades, scores), 1e-5);
    }

    [TestMethod]
    public void A_logistic_fit_finds_the_curve_that_the_answers_were_drawn_from()
    {
        // At every score the share of right answers is the one of 1 / (1 + e^−(6x − 3)).
        var answers = Enumerable.Range(0, 101).SelectMany(step => Enumerable.Range(0, 1000).Select(i =>
        {
            var score = step / 100f;
            return new ScoredAnswer(score, i < 1000 / (1 + Math.Exp(-((6 * score) - 3))), Answerable: true);
        })).ToArray();

        var calibration = Calibration.Of(answers, highest: 1);

        Assert.AreEqual(6, calibration.Fit.A, 0.05);
        Assert.AreEqual(-3, calibration.Fit.B, 0.05);
        Assert.IsLessThan(0.01, calibration.Figures.Ece);
        Assert.IsLessThan(calibration.Figures.BaseLogLoss, calibration.Figures.LogLoss);
        Assert.AreEqual(answers.Length, calibration.Bins.Sum(b => b.Answerable));
        Assert.AreEqual(answers.Count(a => a.Correct), calibration.Bins.Sum(b => b.Correct));
    }

    [TestMethod]
    public void An_answer_that_was_taken_away_is_never_correct()
    {
        var answers = ScoredAnswer.Of([QueryOutcome.Of([0.2f, 0.9f, 0.4f], relevant: 1)]).ToArray();

        CollectionAssert.AreEqual(new[] { new ScoredAnswer(0.9f, true, true), new ScoredAnswer(0.4f, false, false) }, answers);
    }
}
