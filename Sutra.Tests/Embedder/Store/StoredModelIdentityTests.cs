using System.Text.Json.Nodes;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.OpenAi;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;
using Sutra.Embedder.Store;
using Sutra.Tests.Embedder.Support;

namespace Sutra.Tests.Embedder.Store;

/// <summary>A pulled model is one model with one revision, whether or not it is loaded.</summary>
[TestClass]
public sealed class StoredModelIdentityTests
{
    private const string Name = FakeHub.Repository;

    [TestMethod]
    public async Task What_answered_can_be_asked_for_again_after_it_left_the_memory()
    {
        await using var test = await StartAsync();
        await test.PullAsync();
        using var models = test.Serve();
        using var embedder = Embedder(test, models, onlyDefaultFits: true);
        var answered = await EmbedAsync(embedder, Name);
        Assert.IsFalse(embedder.Host.Loaded().Any(model => model.Name == Name), "there is room for the default model only");

        var again = await EmbedAsync(embedder, answered.Model.Id);

        Assert.AreEqual(answered.Model, again.Model);
        CollectionAssert.AreEqual(answered.Items[0].Values.ToArray(), again.Items[0].Values.ToArray());
    }

    [TestMethod]
    public async Task A_model_is_listed_once_with_one_revision_before_and_after_it_is_loaded()
    {
        await using var test = await StartAsync();
        await test.PullAsync();
        using var models = test.Serve();
        using var embedder = Embedder(test, models);
        var directory = new ModelDirectory(embedder.Host);
        var before = directory.List().Single(model => model.Id == Name);

        var answered = await EmbedAsync(embedder, Name);

        var after = directory.List().Single(model => model.Id == Name);
        Assert.AreEqual(answered.Model.Revision, before.Revision);
        Assert.AreEqual(answered.Model.Revision, after.Revision);
        Assert.IsTrue(after.Loaded && !before.Loaded);
    }

    [TestMethod]
    [DataRow(40)]
    [DataRow(12)]
    [DataRow(7)]
    public async Task The_commit_of_the_hub_is_another_name_for_the_revision(int digits)
    {
        await using var test = await StartAsync();
        await test.PullAsync();
        using var models = test.Serve();
        using var embedder = Embedder(test, models);
        var id = $"{Name}@{FakeHub.Commit[..digits]}";
        var listed = new ModelDirectory(embedder.Host).Find(id);

        var answered = await EmbedAsync(embedder, id);

        Assert.AreEqual(listed?.Revision, answered.Model.Revision);
        Assert.AreEqual(answered.Model, (await EmbedAsync(embedder, id)).Model, "also when it is loaded");
        await Assert.ThrowsExactlyAsync<UnknownModelException>(() => EmbedAsync(embedder, $"{Name}@{FakeHub.Commit[..6]}"));
    }

    [TestMethod]
    public async Task Two_precisions_of_one_commit_are_served_side_by_side()
    {
        await using var test = await StartAsync();
        test.Hub.Files["onnx/model_int8.onnx"] = Graph(test, layers: 2);
        await test.PullAsync(precision: ModelPrecision.Float32);
        await test.PullAsync(precision: ModelPrecision.Int8);
        using var models = test.Serve();
        using var embedder = Embedder(test, models);
        var listed = new ModelDirectory(embedder.Host).List().Where(model => model.Id == Name).ToList();
        Assert.HasCount(2, listed);

        var answers = new List<EmbeddingAnswer>();
        foreach (var model in listed)
        {
            answers.Add(await EmbedAsync(embedder, $"{model.Id}@{model.Revision}"));
        }

        CollectionAssert.AreEqual(listed.Select(model => model.Revision).ToArray(), answers.Select(answer => answer.Model.Revision).ToArray());
        CollectionAssert.AreNotEqual(answers[0].Items[0].Values.ToArray(), answers[1].Items[0].Values.ToArray());
        Assert.AreEqual(3, embedder.Host.Loaded().Count);
    }

    [TestMethod]
    public async Task A_plain_name_means_what_the_catalog_says_whatever_is_loaded_or_was_pulled_last()
    {
        await using var test = await StartAsync();
        test.Hub.Files["onnx/model_int8.onnx"] = Graph(test, layers: 2);
        var own = test.Folder.File("catalog.json");
        await File.WriteAllTextAsync(own, $$"""
            {"models": [{"id": "tiny", "repository": "{{Name}}", "revision": "{{FakeHub.Commit}}", "licence": "MIT", "dimensions": 32, "max_tokens": 64,
              "pooling": "mean", "parameters": 1000, "quality_rank": 9, "relative_cost": 1,
              "quantizations": [{"precision": "fp32", "path": "onnx/model.onnx"}, {"precision": "int8", "path": "onnx/model_int8.onnx"}]}]}
            """);
        test.Catalog = ModelCatalog.Load(own);
        await test.PullAsync("tiny", ModelPrecision.Float32);
        await test.PullAsync("tiny", ModelPrecision.Int8);
        using var models = test.Serve();
        using var embedder = Embedder(test, models);
        var int8 = test.Store.Find("tiny", ModelPrecision.Int8)!;
        var exact = ModelIdentity.Of(ModelFolder.Open(int8.Path), "tiny");
        Assert.AreEqual(exact, (await EmbedAsync(embedder, exact.Id)).Model);

        var fp32 = ModelIdentity.Of(ModelFolder.Open(test.Store.Find("tiny", ModelPrecision.Float32)!.Path), "tiny");
        Assert.AreEqual(fp32, (await EmbedAsync(embedder, "tiny")).Model);
        Assert.AreEqual(fp32, (await EmbedAsync(embedder, $"tiny@{FakeHub.Commit}")).Model);
    }

    [TestMethod]
    public async Task The_default_model_may_lie_in_the_store_and_is_one_model()
    {
        await using var test = await StartAsync();
        var stored = (await test.PullAsync()).Model;
        using var models = test.Serve();
        using var embedder = new InProcessEmbedder(stored.Path, options => options.ModelName = Name, sources: models);
        Assert.AreEqual(Name, (await EmbedAsync(embedder, $"{Name}@{FakeHub.Commit}")).Model.Name);
        Assert.AreEqual(Name, (await EmbedAsync(embedder, null)).Model.Name);
        Assert.HasCount(1, embedder.Host.Loaded());
        Assert.HasCount(1, new ModelDirectory(embedder.Host).List());
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(0)]
    public async Task A_revision_that_the_manifest_lacks_or_has_of_another_pipeline_is_read_from_the_files(int? pipeline)
    {
        await using var test = await StartAsync();
        var stored = (await test.PullAsync()).Model;
        var path = Path.Combine(stored.Path, StoreManifest.FileName);
        var manifest = JsonNode.Parse(await File.ReadAllBytesAsync(path))!.AsObject();
        Assert.AreEqual(stored.ContentRevision, (string?)manifest["content_revision"]);
        manifest.Remove("content_revision");
        manifest.Remove("pipeline_version");
        if (pipeline is not null)
        {
            manifest["content_revision"] = "000000000000";
            manifest["pipeline_version"] = pipeline;
        }

        await File.WriteAllTextAsync(path, manifest.ToJsonString());
        Assert.IsNull(test.Store.List().Single().ContentRevision);
        using var models = test.Serve();
        using var embedder = Embedder(test, models);
        Assert.AreEqual(stored.ContentRevision, models.List().Single().Revision);
        Assert.AreEqual(stored.ContentRevision, (await EmbedAsync(embedder, Name)).Model.Revision);
    }

    [TestMethod]
    public async Task A_file_that_was_not_pulled_and_would_change_vectors_is_not_served_with()
    {
        await using var test = await StartAsync();
        var stored = (await test.PullAsync()).Model;
        await File.WriteAllTextAsync(Path.Combine(stored.Path, "sentence_bert_config.json"), """{"max_seq_length": 4}""");
        using var models = test.Serve();
        using var embedder = Embedder(test, models);
        var error = await Assert.ThrowsExactlyAsync<ModelUnavailableException>(() => EmbedAsync(embedder, Name));
        StringAssert.Contains(error.Message, "other files than were pulled");
    }

    private static async Task<StoreUnderTest> StartAsync()
    {
        var test = await StoreUnderTest.StartAsync();
        test.Hub.Files["onnx/model.onnx"] = Graph(test, layers: 1);
        return test;
    }

    private static byte[] Graph(StoreUnderTest test, int layers)
    {
        var folder = test.Folder.File($"layers-{layers}");
        TestModel.Write(folder, layers, maxTokens: 8);
        return File.ReadAllBytes(Path.Combine(folder, "onnx", "model.onnx"));
    }

    private static InProcessEmbedder Embedder(StoreUnderTest test, StoredModels models, bool onlyDefaultFits = false)
    {
        TestModel.Write(test.Folder.File("default"));
        var size = new DirectoryInfo(test.Folder.File("default")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        return new InProcessEmbedder(
            test.Folder.File("default"), serve: serving => serving.ModelCacheSize = onlyDefaultFits ? $"{size}" : "1GiB", sources: models);
    }

    private static Task<EmbeddingAnswer> EmbedAsync(InProcessEmbedder embedder, string? model) =>
        embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["the cat"], Model = model });
}
