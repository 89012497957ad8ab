using Sutra.Embedder.Models;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Models;

[TestClass]
public sealed class ModelFolderTests
{
    [TestMethod]
    [DataRow(null, null, ModelFolder.DefaultMaxTokens)]
    [DataRow(512, null, 512)]
    [DataRow(null, 128, 128)]
    [DataRow(512, 256, 256)]
    [DataRow(128, 256, 128)]
    public void The_smaller_of_what_the_files_say_is_what_the_model_reads(int? positions, int? sentences, int expected)
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        File.WriteAllText(folder.File("config.json"), positions is null ? "{}" : $$"""{"max_position_embeddings": {{positions}}}""");
        if (sentences is not null)
        {
            File.WriteAllText(folder.File("sentence_bert_config.json"), $$"""{"max_seq_length": {{sentences}}, "do_lower_case": false}""");
        }

        Assert.AreEqual(expected, ModelFolder.Open(folder.Path).MaxTokens);
    }

    [TestMethod]
    [DataRow("""{"word_embedding_dimension": 32, "pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false}""", PoolingMode.Mean)]
    [DataRow("""{"pooling_mode_cls_token": true}""", PoolingMode.FirstToken)]
    [DataRow("{}", PoolingMode.Mean)]
    public void Pooling_is_read_from_its_file(string json, PoolingMode expected)
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        Directory.CreateDirectory(folder.File("1_Pooling"));
        File.WriteAllText(folder.File("1_Pooling/config.json"), json);
        Assert.AreEqual(expected, ModelFolder.Open(folder.Path).Pooling);
    }

    [TestMethod]
    [DataRow("config.json", "{", "config.json")]
    [DataRow("config.json", "[1]", "config.json")]
    [DataRow("config.json", """{"max_position_embeddings": "many"}""", "max_position_embeddings")]
    [DataRow("config.json", """{"max_position_embeddings": 0}""", "max_position_embeddings")]
    [DataRow("sentence_bert_config.json", """{"max_seq_length": 1e99}""", "max_seq_length")]
    [DataRow("1_Pooling/config.json", """{"pooling_mode_max_tokens": true}""", "pooling_mode_max_tokens")]
    [DataRow("1_Pooling/config.json", """{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}""", "pooling_mode_cls_token")]
    public void A_broken_file_is_named(string file, string content, string says)
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        Directory.CreateDirectory(folder.File("1_Pooling"));
        File.WriteAllText(folder.File(file), content);
        StringAssert.Contains(Refused(folder.Path), says);
    }

    [TestMethod]
    public void A_missing_file_is_named()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Refused(folder.File("absent")), "does not exist");
        StringAssert.Contains(Refused(folder.Path), "model.onnx");
        File.WriteAllText(folder.File("model.onnx"), "");
        StringAssert.Contains(Refused(folder.Path), "tokenizer.json");
    }

    [TestMethod]
    public void The_same_files_are_the_same_model_wherever_they_lie_and_another_byte_is_another()
    {
        using TemporaryFolder one = new(), two = new();
        TestModel.Write(one.Path);
        TestModel.Write(two.Path);
        File.WriteAllText(two.File("README.md"), "Nothing that a vector depends on.");
        var identity = ModelIdentity.Of(ModelFolder.Open(one.Path), "m");
        Assert.AreEqual(identity, ModelIdentity.Of(ModelFolder.Open(two.Path), "m"));
        StringAssert.Matches(identity.Id, new("^m@[0-9a-f]{12}$"));

        var revisions = new HashSet<string> { identity.Revision };
        foreach (var file in new[] { "onnx/model.onnx", "tokenizer.json", "config.json", "sentence_bert_config.json" })
        {
            File.AppendAllText(two.File(file), file == "sentence_bert_config.json" ? "{}" : " ");
            Assert.IsTrue(revisions.Add(ModelIdentity.Of(ModelFolder.Open(two.Path), "m").Revision), file);
        }
    }

    [TestMethod]
    public void A_model_is_named_after_its_folder_and_answers_to_name_and_id()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.File("my-model"));
        var identity = ModelIdentity.Of(ModelFolder.Open(folder.File("my-model") + "/"), null);
        Assert.AreEqual("my-model", identity.Name);
        Assert.IsTrue(identity.Answers("my-model") && identity.Answers(identity.Id));
        Assert.IsFalse(identity.Answers("My-Model") || identity.Answers("my-model@000000000000"));
    }

    private static string Refused(string path) => Assert.ThrowsExactly<ModelException>(() => ModelFolder.Open(path)).Message;
}
