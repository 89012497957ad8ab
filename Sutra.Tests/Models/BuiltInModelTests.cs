using System.Diagnostics;
using System.Numerics.Tensors;
using Sutra.Examples.Finance;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Models;

[TestClass]
public sealed class BuiltInModelTests
{
    private static StaticModel _model = null!;

    [ClassInitialize]
    public static void Load(TestContext _) => _model = new StaticModel(StaticModel.BuiltInFolder);

    [ClassCleanup]
    public static void Unload() => _model.Dispose();

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void The_committed_model_is_small_enough_to_ship()
    {
        var bytes = new FileInfo(Path.Combine(StaticModel.BuiltInFolder, "model.onnx")).Length;

        Assert.IsTrue(bytes is > 1_000_000 and <= 16_000_000, $"{bytes} bytes");
    }

    [TestMethod]
    public void A_paraphrase_scores_above_every_unrelated_sentence()
    {
        var pairs = File.ReadLines(Path.Combine(Repository.Root, "Sutra.Tests", "Models", "paraphrases.tsv")).Select(line => line.Split('\t')).ToArray();
        var texts = _model.Embed([.. pairs.Select(p => p[0])]);
        var paraphrases = _model.Embed([.. pairs.Select(p => p[1])]);

        var best = 0;
        var (above, all) = (0, 0);
        for (var i = 0; i < pairs.Length; i++)
        {
            var own = TensorPrimitives.Dot(texts[i], paraphrases[i]);
            var others = texts.Where((_, j) => j != i).Count(text => TensorPrimitives.Dot<float>(text, paraphrases[i]) < own);
            (above, all) = (above + others, all + pairs.Length - 1);
            best += others == pairs.Length - 1 ? 1 : 0;
        }

        TestContext.WriteLine($"best of all: {best} of {pairs.Length}; pairwise {(double)above / all:P2}");
        Assert.IsTrue(best >= 0.88 * pairs.Length, $"Only {best} of {pairs.Length} sentences were the best match of their paraphrase.");
        Assert.IsTrue(above >= 0.96 * all, $"Only {above} of {all} comparisons were won.");
    }

    [TestMethod]
    public void Plain_cosine_brings_the_row_that_a_demo_question_is_about_among_the_first_candidates()
    {
        // Rows of one company differ in numbers alone. A question's ranking starts from 50 candidates by cosine, and its lexical part puts the
        // right one first (FinanceAnswersTests): the right one has to be well among them.
        const int Candidates = 50;
        var rows = OhlcvCsv.ReadExample();
        var vectors = rows.Select(OhlcvConcept.Content).Chunk(100).SelectMany(_model.Embed).ToArray();

        foreach (var question in ExampleQuestion.For(rows))
        {
            var query = _model.Embed(question.Text);
            var ranked = rows.Select((row, i) => (row, Score: TensorPrimitives.Dot<float>(query, vectors[i]))).OrderByDescending(r => r.Score).ToArray();
            var rank = Array.FindIndex(ranked, r => r.row == question.Source) + 1;
            TestContext.WriteLine($"{question.Text} rank {rank}, score {ranked[rank - 1].Score:F3}, best {ranked[0].Score:F3} ({ranked[0].row.Company}, {ranked[0].row.Date:O})");
            Assert.IsTrue(rank <= Candidates / 2, $"\"{question.Text}\": the right row came at {rank}.");
        }
    }

    [TestMethod]
    public void A_text_has_the_same_vector_alone_and_padded_in_a_batch()
    {
        const string Short = "A short one.";
        var alone = _model.Embed(Short);

        var batch = _model.Embed([Short, string.Join(' ', Enumerable.Repeat("a much longer text about something else", 40))]);

        Assert.AreEqual(1f, TensorPrimitives.Norm<float>(alone), 1e-5f);
        for (var i = 0; i < alone.Length; i++)
        {
            Assert.AreEqual(alone[i], batch[0][i], 1e-6f);
        }
    }

    [TestMethod]
    public void A_text_without_pieces_gives_zeros_not_NaN()
    {
        var vector = _model.Embed([""])[0];

        Assert.IsTrue(vector.All(v => v == 0));
    }

    [TestMethod]
    [DataRow("zxqvjkw", DisplayName = "an invented word")]
    [DataRow("Übergrößenträger", DisplayName = "German")]
    [DataRow("ελληνικά", DisplayName = "Greek")]
    [DataRow("предложение", DisplayName = "Cyrillic")]
    [DataRow("한국어", DisplayName = "Hangul")]
    [DataRow("utf8_decode(0x7FFF)", DisplayName = "code")]
    public void Unknown_words_break_into_pieces_rather_than_be_unknown(string text)
    {
        var pieces = _model.Pieces(text);

        Assert.IsFalse(pieces.Contains("[UNK]"), string.Join(' ', pieces));
    }

    [TestMethod]
    public void Dates_prices_and_volumes_that_differ_have_different_pieces()
    {
        string[] texts = ["2025-03-14", "2025-03-15", "2025-13-04", "68.44", "68.45", "684.4", "4,933,432", "4,933,433", "4933432", "4933433"];

        var distinct = texts.Select(t => string.Join(' ', _model.Pieces(t))).Distinct().Count();

        Assert.AreEqual(texts.Length, distinct);
    }

    [TestMethod]
    public void The_onnx_checker_accepts_the_model()
    {
        const string Script = "import sys, onnx; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)";
        var python = new[] { "/usr/bin/python3", "/usr/local/bin/python3" }.FirstOrDefault(File.Exists);
        if (python is null || Run(python, "-c", "import onnx").ExitCode != 0)
        {
            Assert.Inconclusive("Debian's python3-onnx is not installed, so ONNX's own checker was not asked.");
        }

        var (exitCode, error) = Run(python!, "-c", Script, Path.Combine(StaticModel.BuiltInFolder, "model.onnx"));

        Assert.AreEqual(0, exitCode, error);
    }

    private static (int ExitCode, string Error) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }
}
