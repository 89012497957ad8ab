using System.Numerics.Tensors;
using Spectre.Console;
using Sutra.Models.Train;
using Sutra.Models.Train.Corpus;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Models.Train;

[TestClass]
public sealed class ModelBuilderTests
{
    private static readonly string[] Files = ["README.md", "config.json", "model.onnx", "tokenizer.json"];

    [TestMethod]
    public void The_same_corpus_and_seed_give_identical_files_whatever_the_threads()
    {
        using var folder = new TemporaryFolder();
        SmallCorpus.Write(folder.File("pairs.tsv"), 9000);
        SmallCorpus.Write(folder.File("pairs.tsv.gz"), 9000);

        Build(folder, "pairs.tsv", "a", seed: 7, threads: 1);
        Build(folder, "pairs.tsv", "b", seed: 7, threads: 4);

        CollectionAssert.AreEqual(Files, Directory.GetFiles(folder.File("a")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        foreach (var file in Files)
        {
            CollectionAssert.AreEqual(Bytes(folder, "a", file), Bytes(folder, "b", file), file);
        }
    }

    [TestMethod]
    public void A_compressed_corpus_gives_the_same_model_and_another_seed_another()
    {
        using var folder = new TemporaryFolder();
        SmallCorpus.Write(folder.File("pairs.tsv"));
        SmallCorpus.Write(folder.File("pairs.tsv.gz"));

        Build(folder, "pairs.tsv", "plain", seed: 7);
        Build(folder, "pairs.tsv.gz", "gz", seed: 7);
        Build(folder, "pairs.tsv", "other", seed: 8);

        CollectionAssert.AreEqual(Bytes(folder, "plain", "model.onnx"), Bytes(folder, "gz", "model.onnx"));
        CollectionAssert.AreNotEqual(Bytes(folder, "plain", "model.onnx"), Bytes(folder, "other", "model.onnx"));
        CollectionAssert.AreEqual(Bytes(folder, "plain", "tokenizer.json"), Bytes(folder, "other", "tokenizer.json"));
    }

    [TestMethod]
    public void A_built_model_embeds_and_knows_the_words_of_its_corpus()
    {
        using var folder = new TemporaryFolder();
        SmallCorpus.Write(folder.File("pairs.tsv"));
        Build(folder, "pairs.tsv", "model", seed: 7);
        using var model = new StaticModel(folder.File("model"));

        var vector = model.Embed("The compiler sings");

        Assert.AreEqual(32, vector.Length);
        CollectionAssert.AreEqual(new[] { "the", "compiler", "sings" }, model.Pieces("The compiler sings"));
        CollectionAssert.AreEqual(new[] { "z", "##q" }, model.Pieces("zq"));
    }

    [TestMethod]
    public void Sources_left_out_teach_nothing()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.File("pairs.tsv"), Enumerable.Range(0, 50).SelectMany(_ => new[] { "apples\tred apples grow", "zeppelins\tgrey zeppelins fly" }));
        File.WriteAllLines(folder.File("sources"), Enumerable.Range(0, 50).SelectMany(_ => new[] { "orchard", "airfield" }));
        File.WriteAllText(folder.File("splits.json"), """{ "test": ["airfield"] }""");

        Build(folder, "pairs.tsv", "model", seed: 7, change: o => o with
        {
            SourceIdsPath = folder.File("sources"),
            Excluded = Split.Read(folder.File("splits.json"), "test").ToHashSet(),
            Epochs = 0,
        });

        using var model = new StaticModel(folder.File("model"));
        CollectionAssert.AreEqual(new[] { "apples" }, model.Pieces("apples"));
        Assert.IsTrue(model.Pieces("zeppelins").Length > 1, "The word of the source left out is a piece.");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Split.Read(folder.File("splits.json"), "tset")).Message, "it has test");
        StringAssert.Contains(File.ReadAllText(folder.File("model/config.json")), "\"airfield\"");
        StringAssert.Contains(Refused("airfeild"), "airfeild");
        File.AppendAllText(folder.File("sources"), "orchard\n");
        StringAssert.Contains(Refused("airfield"), "more lines");

        string Refused(string excluded) => Assert.ThrowsExactly<InvalidDataException>(() => Build(folder, "pairs.tsv", "model", seed: 7, change: o => o with
        {
            SourceIdsPath = folder.File("sources"),
            Excluded = new HashSet<string> { excluded },
            Epochs = 0,
        })).Message;
    }

    [TestMethod]
    public void Words_spelt_alike_are_close_before_anything_is_learnt()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.File("pairs.tsv"), Enumerable.Range(0, 50).SelectMany(_ => new[] { "market\tmarkets open", "quartz\tquartz shines" }));
        Build(folder, "pairs.tsv", "model", seed: 7, change: o => o with { Epochs = 0, Dimensions = 256 });
        Build(folder, "pairs.tsv", "plain", seed: 7, change: o => o with { Epochs = 0, Dimensions = 256, SpellingShare = 0 });
        using var model = new StaticModel(folder.File("model"));
        using var plain = new StaticModel(folder.File("plain"));

        Assert.IsTrue(Cosine(model, "market", "markets") > 0.35);
        Assert.IsTrue(Cosine(model, "market", "quartz") < 0.25);
        Assert.IsTrue(Math.Abs(Cosine(plain, "market", "markets")) < 0.25);

        static float Cosine(StaticModel model, string one, string other) => TensorPrimitives.Dot<float>(model.Embed(one), model.Embed(other));
    }

    [TestMethod]
    [DataRow(true, DisplayName = "saturated")]
    [DataRow(false, DisplayName = "counted")]
    public void A_piece_that_repeats_counts_as_the_model_was_told(bool saturate)
    {
        using var folder = new TemporaryFolder();
        SmallCorpus.Write(folder.File("pairs.tsv"));
        Build(folder, "pairs.tsv", "model", seed: 7, change: o => o with { Saturate = saturate });
        using var model = new StaticModel(folder.File("model"));

        // Both directions at once: 16 times one piece and once another against the sum with the weight expected, 8 or 16.
        var (one, other) = (model.Embed("compiler"), model.Embed("sings"));
        var repeated = model.Embed(string.Join(' ', Enumerable.Repeat("compiler", 16)) + " sings");
        var lengths = Solve(one, other, repeated);
        var (a, b) = Solve(one, other, model.Embed("compiler sings"));

        Assert.AreEqual(saturate ? 8 : 16, lengths.First / lengths.Second / (a / b), 1e-3);
    }

    [TestMethod]
    public void A_masked_place_says_nothing_whatever_piece_stands_there()
    {
        using var folder = new TemporaryFolder();
        SmallCorpus.Write(folder.File("pairs.tsv"));
        Build(folder, "pairs.tsv", "model", seed: 7);
        using var model = new StaticModel(folder.File("model"));
        long[] ids = model.Ids("compiler sings compiler");

        var alone = model.Run(ids, [1, 1, 1]);
        var padded = model.Run([.. ids, ids[0], ids[1]], [1, 1, 1, 0, 0]);

        CollectionAssert.AreEqual(alone, padded);
        CollectionAssert.AreNotEqual(alone, model.Run([.. ids, ids[0], ids[1]], [1, 1, 1, 1, 1]));
    }

    [TestMethod]
    [DataRow("--batch", DisplayName = "--batch")]
    [DataRow("--dimensions", DisplayName = "--dimensions")]
    [DataRow("--epochs", DisplayName = "--epochs")]
    public void An_option_out_of_its_range_is_named_before_anything_is_read(string option)
    {
        using var folder = new TemporaryFolder();

        var error = Assert.ThrowsExactly<ArgumentException>(() => Build(folder, "none.tsv", "model", seed: 7, change: o => option switch
        {
            "--batch" => o with { BatchSize = 1000 },
            "--dimensions" => o with { Dimensions = -1 },
            _ => o with { Epochs = -1 },
        }));

        StringAssert.StartsWith(error.Message, option);
    }

    [TestMethod]
    public void A_line_without_a_tab_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("pairs.tsv"), "a\tb\nno tab here\n");

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Build(folder, "pairs.tsv", "model", seed: 7));

        StringAssert.Contains(error.Message, "line 2");
    }

    private static byte[] Bytes(TemporaryFolder folder, string model, string file) => File.ReadAllBytes(Path.Combine(folder.Path, model, file));

    /// <summary>The x and y of <c>sum = x · one + y · other</c>, by least squares.</summary>
    private static (double First, double Second) Solve(float[] one, float[] other, float[] sum)
    {
        double c = TensorPrimitives.Dot<float>(one, other), x = TensorPrimitives.Dot<float>(one, sum), y = TensorPrimitives.Dot<float>(other, sum);
        return ((x - (c * y)) / (1 - (c * c)), (y - (c * x)) / (1 - (c * c)));
    }

    private static void Build(TemporaryFolder folder, string pairs, string model, ulong seed, int threads = 2, Func<BuildOptions, BuildOptions>? change = null)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null), Interactive = InteractionSupport.No });
        var options = new BuildOptions(folder.File(pairs), folder.File(model)) { Name = "test", Dimensions = 32, VocabularySize = 4000, Seed = seed, Threads = threads };
        new ModelBuilder(change?.Invoke(options) ?? options, console).Build();
    }
}
