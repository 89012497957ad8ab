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
    [DataRow("""{"pooling_mode_lasttoken": true, "include_prompt": true}""", PoolingMode.LastToken)]
    [DataRow("""{"pooling_mode_mean_sqrt_len_tokens": true}""", PoolingMode.Mean)]
    [DataRow("""{"embedding_dimension": 32, "pooling_mode": "mean"}""", PoolingMode.Mean)]
    [DataRow("""{"pooling_mode": "cls"}""", PoolingMode.FirstToken)]
    [DataRow("""{"pooling_mode": ["lasttoken"]}""", PoolingMode.LastToken)]
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
    [DataRow("1_Pooling/config.json", """{"pooling_mode_weightedmean_tokens": true}""", "pooling_mode_weightedmean_tokens")]
    [DataRow("1_Pooling/config.json", """{"pooling_mode": "max"}""", "max")]
    [DataRow("1_Pooling/config.json", """{"pooling_mode": 7}""", "pooling_mode")]
    [DataRow("1_Pooling/config.json", """{"pooling_mode_mean_tokens": true, "include_prompt": false}""", "include_prompt")]
    [DataRow("config.json", """{"max_position_embeddings": 1048577}""", "max_position_embeddings")]
    [DataRow("config.json", """{"hidden_size": 32, "matryoshka_dimensions": [16, 64]}""", "matryoshka_dimensions")]
    [DataRow("config.json", """{"matryoshka_dimensions": [0]}""", "matryoshka_dimensions")]
    [DataRow("config.json", """{"matryoshka_dimensions": "all"}""", "matryoshka_dimensions")]
    [DataRow("config.json", """{"model_type": 5}""", "model_type")]
    [DataRow("modules.json", "{}", "array")]
    [DataRow("modules.json", """[{"path": ""}]""", "without a type")]
    [DataRow("modules.json", """[{"type": "m.Transformer"}, {"type": "m.Pooling", "path": "../elsewhere"}]""", "name of a folder")]
    [DataRow("modules.json", """[{"type": "m.Transformer"}, {"type": "m.Pooling", "path": "1_Pooling"}]""", "1_Pooling/config.json is missing")]
    [DataRow("modules.json", """[{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Dense"}]""", "Transformer → Dense")]
    [DataRow("config_sentence_transformers.json", """{"prompts": ["query: "]}""", "prompts")]
    [DataRow("config_sentence_transformers.json", """{"prompts": {"query": 1}}""", "prompt")]
    [DataRow("config_sentence_transformers.json", """{"default_prompt_name": "query"}""", "default_prompt_name")]
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
    public void A_model_is_named_after_its_folder()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.File("my-model"));
        var identity = ModelIdentity.Of(ModelFolder.Open(folder.File("my-model") + "/"), null);
        Assert.AreEqual("my-model", identity.Name);
    }

    [TestMethod]
    // As published: the position of a text's first token is the padding's id + 1.
    [DataRow("""{"model_type": "xlm-roberta", "max_position_embeddings": 514, "pad_token_id": 1}""", 512)]
    [DataRow("""{"model_type": "mpnet", "max_position_embeddings": 514}""", 512)]
    [DataRow("""{"model_type": "roberta", "max_position_embeddings": 130, "pad_token_id": 0}""", 129)]
    [DataRow("""{"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": "one"}""", 512)]
    [DataRow("""{"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}""", 512)]
    [DataRow("""{"model_type": "nomic_bert", "max_position_embeddings": 2048, "n_positions": 8192}""", 8192)]
    [DataRow("""{"n_positions": 1024}""", 1024)]
    public void Positions_that_no_token_gets_are_not_promised(string config, int expected)
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        File.WriteAllText(folder.File("config.json"), config);
        Assert.AreEqual(expected, ModelFolder.Open(folder.Path).MaxTokens);
    }

    [TestMethod]
    public void The_graph_is_chosen_by_precision_and_the_most_exact_one_is_the_default()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        foreach (var name in new[] { "model_quantized", "model_int8", "model_fp16", "model_q4f16", "model_O3", "decoder" })
        {
            File.WriteAllText(folder.File($"onnx/{name}.onnx"), "");
        }

        var model = ModelFolder.Open(folder.Path);
        Assert.AreEqual("fp32 int8 fp16 q4f16", string.Join(' ', model.OnnxFiles.Select(file => file.Precision.ToName())));
        Assert.AreEqual("onnx/model.onnx", model.Onnx.Path);
        Assert.AreEqual(folder.File("onnx/model_int8.onnx"), ModelFolder.Open(folder.Path, ModelPrecision.Int8).OnnxPath);
        Assert.AreNotEqual(ModelIdentity.Of(model, "m"), ModelIdentity.Of(ModelFolder.Open(folder.Path, ModelPrecision.Int8), "m"));
        var missing = Assert.ThrowsExactly<ModelException>(() => ModelFolder.Open(folder.Path, ModelPrecision.UInt8)).Message;
        StringAssert.Contains(missing, "no uint8 model; there is: fp32, int8, fp16, q4f16");

        File.Delete(folder.File("onnx/model.onnx"));
        Assert.AreEqual(ModelPrecision.Int8, ModelFolder.Open(folder.Path).Onnx.Precision);
    }

    [TestMethod]
    public void Weights_beside_the_graph_are_part_of_the_model_and_those_of_another_graph_are_not()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        foreach (var name in new[] { "model.onnx_data", "model.onnx_data_1", "model_fp16.onnx_data", "model.onnx_data_x", "model.onnx.bak" })
        {
            File.WriteAllText(folder.File($"onnx/{name}"), "");
        }

        CollectionAssert.AreEqual(
            new[] { "onnx/model.onnx", "onnx/model.onnx_data", "onnx/model.onnx_data_1", "tokenizer.json", "config.json" },
            ModelFolder.Open(folder.Path).IdentityFiles().ToArray());
    }

    [TestMethod]
    public void Modules_prompts_and_sizes_are_read_and_hints_fill_what_the_files_leave_out()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        ModelHints hints = new([16, 8], new Dictionary<string, string> { ["query"] = "hint: ", ["document"] = "text: " });

        var plain = ModelFolder.Open(folder.Path, hints: hints);
        CollectionAssert.AreEqual(new[] { 8, 16 }, plain.MatryoshkaDimensions.ToArray());
        Assert.AreEqual("hint: ", plain.Prompts["query"]);
        Assert.IsEmpty(plain.Modules);
        Assert.IsFalse(plain.PoolingIsKnown);

        Directory.CreateDirectory(folder.File("7_Pool"));
        File.WriteAllText(folder.File("7_Pool/config.json"), """{"pooling_mode_cls_token": true}""");
        File.WriteAllText(folder.File("config.json"), """{"hidden_size": 32, "matryoshka_dimensions": [32, 4]}""");
        File.WriteAllText(folder.File("config_sentence_transformers.json"), """{"prompts": {"query": "q: "}, "default_prompt_name": "query"}""");
        File.WriteAllText(folder.File("modules.json"), """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"},
             {"idx": 1, "name": "1", "path": "7_Pool", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """);
        var full = ModelFolder.Open(folder.Path, hints: hints);
        Assert.AreEqual("Transformer Pooling Normalize", string.Join(' ', full.Modules));
        Assert.AreEqual(PoolingMode.FirstToken, full.Pooling);
        Assert.IsTrue(full.PoolingIsKnown);
        Assert.AreEqual(32, full.HiddenSize);
        CollectionAssert.AreEqual(new[] { 4, 32 }, full.MatryoshkaDimensions.ToArray());
        Assert.AreEqual("query", full.DefaultPrompt);
        Assert.AreEqual("q: |text: ", full.Prompts["query"] + "|" + full.Prompts["document"]);
        CollectionAssert.IsSubsetOf(new[] { "7_Pool/config.json", "config_sentence_transformers.json" }, full.IdentityFiles().ToArray());
    }

    [TestMethod]
    public void Files_of_absurd_size_are_not_read()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        var config = File.ReadAllText(folder.File("config.json"));
        File.WriteAllText(folder.File("config.json"), config + new string(' ', 1 << 20));
        StringAssert.Contains(Refused(folder.Path), "config.json");

        File.WriteAllText(folder.File("config.json"), config);
        using (var tokenizer = File.OpenWrite(folder.File("tokenizer.json")))
        {
            tokenizer.SetLength((64 << 20) + 1);
        }

        StringAssert.Contains(Refused(folder.Path), "tokenizer.json");
    }

    [TestMethod]
    public void A_file_that_is_not_UTF8_is_refused()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        File.WriteAllBytes(folder.File("config.json"), [.. "{\"model_type\": \"b"u8, 0xff, .. "\"}"u8]);
        Assert.ThrowsExactly<ModelException>(() => ModelFolder.Open(folder.Path));
    }

    private static string Refused(string path) => Assert.ThrowsExactly<ModelException>(() => ModelFolder.Open(path)).Message;
}
