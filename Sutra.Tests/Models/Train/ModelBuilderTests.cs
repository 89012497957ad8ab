using Spectre.Console;
using Sutra.Models.Train;
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
    public void A_line_without_a_tab_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("pairs.tsv"), "a\tb\nno tab here\n");

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Build(folder, "pairs.tsv", "model", seed: 7));

        StringAssert.Contains(error.Message, "line 2");
    }

    private static byte[] Bytes(TemporaryFolder folder, string model, string file) => File.ReadAllBytes(Path.Combine(folder.Path, model, file));

    private static void Build(TemporaryFolder folder, string pairs, string model, ulong seed, int threads = 2)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null), Interactive = InteractionSupport.No });
        var options = new BuildOptions(folder.File(pairs), folder.File(model)) { Name = "test", Dimensions = 32, VocabularySize = 4000, Seed = seed, Threads = threads };
        new ModelBuilder(options, console).Build();
    }
}
