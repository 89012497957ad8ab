using System.IO.Compression;
using System.Text.Json.Nodes;
using Spectre.Console;
using Sutra.Models.Eval;
using Sutra.Models.Eval.Reports;
using Sutra.Models.Eval.Systems;
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
    public void A_compressed_corpus_reads_as_a_plain_one()
    {
        using var plain = new TemporaryFolder();
        using var compressed = new TemporaryFolder();
        WriteCorpus(plain);
        WriteCorpus(compressed);
        foreach (var name in new[] { "pairs.tsv", "pairs.src" })
        {
            using (var file = new GZipStream(File.Create(compressed.File(name + ".gz")), CompressionLevel.Fastest))
            {
                file.Write(File.ReadAllBytes(compressed.File(name)));
            }

            File.Delete(compressed.File(name));
        }

        Assert.AreEqual(JsonReport.Write(Run(plain, threads: 2)), JsonReport.Write(Run(compressed, threads: 2, suffix: ".gz")));
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
        CollectionAssert.IsSubsetOf(cuts, report.Retrieval.Where(r => r.System == "sutra-static, words by IDF" && r.Weight is not null).Select(r => r.Dimensions!.Value).ToArray());
        foreach (var scores in report.Calibration.GroupBy(c => c.System, StringComparer.Ordinal))
        {
            CollectionAssert.AreEqual(new[] { "cosine", "fused", "cosine_of_fused" }, scores.Select(c => c.Score).ToArray());
        }

        Assert.AreEqual(report.Sets.Sum(s => s.Queries), report.Calibration[0].All.Bins.Sum(b => b.Unanswerable));
    }

    [TestMethod]
    public void The_gain_of_fusion_is_told_for_every_weight_of_the_grid()
    {
        using var folder = new TemporaryFolder();
        WriteCorpus(folder);

        var report = Run(folder, threads: 2);

        CollectionAssert.AreEqual(new[] { "sutra-static", "sutra-static, words by IDF" }, report.FusionGains.Select(g => g.System).ToArray());
        foreach (var gain in report.FusionGains)
        {
            Check(report, gain);
        }

        var markdown = MarkdownReport.Write(report);
        StringAssert.Contains(markdown, "Gain of fused over BM25: sutra-static");
        StringAssert.Contains(markdown, "| 0.05");
    }

    [TestMethod]
    [DataRow(null, "does not say what it was trained without", null)]
    [DataRow("[]", "was trained with these sources: figures are in-sample: held, held too.", "tuned on sources the model saw: tuning.")]
    [DataRow("""["held", "tuning"]""", "was trained with these sources: figures are in-sample: held too.", null)]
    [DataRow("""["held too", "held"]""", null, "tuned on sources the model saw: tuning.")]
    [DataRow("""["held too", "held", "tuning"]""", null, null)]
    public void What_training_saw_of_the_sources_is_told_in_every_report(string? trainedWithout, string? measured, string? tuned)
    {
        using var folder = new TemporaryFolder();
        WriteCorpus(folder);

        var report = Run(folder, threads: 2, Model(folder, trainedWithout));
        using var console = new StringWriter();
        ConsoleReport.Write(report, Plain(console));

        foreach (var text in new[] { console.ToString(), MarkdownReport.Write(report), JsonReport.Write(report) })
        {
            foreach (var (warning, others) in new[] { (measured, new[] { "in-sample", "does not say" }), (tuned, ["the model saw"]) })
            {
                if (warning is not null)
                {
                    StringAssert.Contains(text, warning);
                }
                else
                {
                    Assert.IsFalse(others.Any(o => text.Contains(o, StringComparison.Ordinal)), text);
                }
            }
        }
    }

    [TestMethod]
    public void A_model_whose_config_is_damaged_and_an_empty_split_are_refused()
    {
        using var folder = new TemporaryFolder();
        WriteCorpus(folder);
        var damaged = Assert.ThrowsExactly<InvalidDataException>(() => Run(folder, threads: 1, Model(folder, "[1]")));
        File.WriteAllText(folder.File("splits.json"), """{ "docs": [], "dev": ["tuning"] }""");

        var empty = Assert.ThrowsExactly<InvalidDataException>(() => Run(folder, threads: 1));

        StringAssert.Contains(damaged.Message, "trained_without");
        StringAssert.Contains(empty.Message, "\"docs\" is empty");
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

    private static void Check(EvaluationReport report, FusionGain gain)
    {
        var fused = report.Retrieval.Single(r => r.System == gain.System && r.Dimensions == gain.Dimensions && r.Weight is not null);
        CollectionAssert.AreEqual(FusedRanking.Weights.ToArray(), gain.Weights.Select(w => w.Weight).ToArray());
        Assert.AreEqual(0.05f, gain.Weights[0].Weight);
        Assert.AreEqual(fused.Weight, gain.Tuned);
        var tuned = gain.Weights.Single(w => w.Weight == gain.Tuned).Sets;
        for (var set = 0; set < report.Sets.Count; set++)
        {
            Assert.AreEqual(fused.Sets[set].Ndcg - report.Retrieval[0].Sets[set].Ndcg, tuned[set], 1e-12);
        }
    }

    private static EvaluationReport Run(TemporaryFolder folder, int threads, string? model = null, string suffix = "")
    {
        var options = new EvaluationOptions(folder.File("pairs.tsv" + suffix), folder.File("pairs.src" + suffix), "docs", [model ?? StaticModel.BuiltInFolder])
        {
            SplitsPath = folder.File("splits.json"),
            Threads = threads,
        };
        return new Evaluation(options, Plain(TextWriter.Null)).Run();
    }

    private static IAnsiConsole Plain(TextWriter output) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });

    /// <summary>The built-in model, saying something else of its training.</summary>
    private static string Model(TemporaryFolder folder, string? trainedWithout)
    {
        var copy = Directory.CreateDirectory(folder.File("sutra-static")).FullName;
        foreach (var file in Directory.GetFiles(StaticModel.BuiltInFolder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(copy, "config.json")))!.AsObject();
        config.Remove("trained_without");
        if (trainedWithout is not null)
        {
            config["trained_without"] = JsonNode.Parse(trainedWithout);
        }

        File.WriteAllText(Path.Combine(copy, "config.json"), config.ToJsonString());
        return copy;
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
