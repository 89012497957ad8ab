using Spectre.Console;
using Sutra.Models.Eval;
using Sutra.Models.Eval.Reports;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Models.Eval;

[TestClass]
public sealed class EvaluationTests
{
    private static readonly string[] Things = ["river", "engine", "castle", "garden", "compiler", "violin", "glacier", "market", "lantern", "harbour"];
    private static readonly string[] Doings = ["flows", "breaks", "stands", "grows", "translates", "sings", "melts", "opens", "shines", "freezes"];

    [TestMethod]
    public void A_run_gives_the_same_report_whatever_the_threads()
    {
        using var folder = new TemporaryFolder();
        WriteCorpus(folder);

        var (one, four) = (Run(folder, threads: 1), Run(folder, threads: 4));

        Assert.AreEqual(JsonReport.Write(one), JsonReport.Write(four));
        Assert.AreEqual(MarkdownReport.Write(one), MarkdownReport.Write(four));
    }

    [TestMethod]
    public void Every_cut_of_a_model_stands_beside_the_baselines_alone_and_fused()
    {
        using var folder = new TemporaryFolder();
        WriteCorpus(folder);

        var report = Run(folder, threads: 2);

        var cuts = report.Retrieval.Where(r => r.System == "sutra-static" && r.Weight is null).Select(r => r.Dimensions!.Value).ToArray();
        Assert.IsGreaterThan(1, cuts.Length);
        CollectionAssert.IsSubsetOf(cuts, report.Retrieval.Where(r => r.System == "random × IDF" && r.Weight is not null).Select(r => r.Dimensions!.Value).ToArray());
        CollectionAssert.IsSubsetOf(new[] { 256, cuts[0] }, report.Retrieval.Where(r => r.System == "hashed n-grams").Select(r => r.Dimensions!.Value).ToArray());
        Assert.IsGreaterThan(0.5, report.Retrieval.Single(r => r.System == "BM25").Average.Ndcg);
        CollectionAssert.AreEqual(new[] { "cosine", "fused", "cosine_of_fused" }, report.Calibration.Select(c => c.Score).ToArray());
        Assert.AreEqual(report.Sets.Sum(s => s.Queries), report.Calibration[0].All.Bins.Sum(b => b.Unanswerable));
    }

    [TestMethod]
    public void A_list_of_sources_that_is_too_short_is_refused()
    {
        using var folder = new TemporaryFolder();
        WriteCorpus(folder);
        File.WriteAllText(folder.File("pairs.src"), "held\n");

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Run(folder, threads: 1));

        StringAssert.Contains(error.Message, "fewer lines");
    }

    private static EvaluationReport Run(TemporaryFolder folder, int threads)
    {
        var options = new EvaluationOptions(folder.File("pairs.tsv"), folder.File("pairs.src"), "docs", [StaticModel.BuiltInFolder])
        {
            SplitsPath = folder.File("splits.json"),
            Threads = threads,
        };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) });
        return new Evaluation(options, console).Run();
    }

    private static void WriteCorpus(TemporaryFolder folder)
    {
        string[] sources = ["held", "held too", "tuning", "seen"];
        var pairs = Enumerable.Range(0, 400).Select(i => (
            Source: sources[i % 4],
            Line: $"{Things[i / 4 % 10]} number {i}\tWhen the {Things[i / 4 % 10]} {Doings[i / 40]}, people count to {i} and go home."));
        File.WriteAllLines(folder.File("pairs.tsv"), pairs.Select(p => p.Line));
        File.WriteAllLines(folder.File("pairs.src"), pairs.Select(p => p.Source));
        File.WriteAllText(folder.File("splits.json"), """{ "docs": ["held", "held too"], "dev": ["tuning"] }""");
    }
}
