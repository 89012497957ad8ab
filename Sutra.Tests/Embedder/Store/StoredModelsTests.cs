using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;
using Sutra.Embedder.Store;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Store;

[TestClass]
public sealed class StoredModelsTests
{
    [TestMethod]
    public async Task A_file_that_is_not_what_was_pulled_is_never_served_and_is_named()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var stored = (await test.PullAsync()).Model;
        var file = Path.Combine(stored.Path, "1_Pooling", "config.json");
        // As long as before, and as valid.
        var before = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, before.Replace(": true}", ":true }", StringComparison.Ordinal));
        Assert.AreEqual(before.Length, new FileInfo(file).Length);
        TestModel.Write(test.Folder.File("default"));
        using var models = test.Serve();
        using var embedder = new InProcessEmbedder(test.Folder.File("default"), sources: models);

        var error = await Assert.ThrowsExactlyAsync<ModelUnavailableException>(
            () => embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["the cat"], Model = "acme/tiny" }));

        StringAssert.Contains(error.Message, "1_Pooling/config.json: is not what was pulled");
    }

    [TestMethod]
    public async Task The_disk_is_read_once_a_second_however_often_models_are_listed()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var time = new ManualTime();
        await test.PullAsync();
        using var models = test.Serve(time);
        Assert.HasCount(1, models.List());

        await test.PullAsync(precision: ModelPrecision.Int8);
        Assert.HasCount(1, models.List());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.HasCount(2, models.List());
    }
}
