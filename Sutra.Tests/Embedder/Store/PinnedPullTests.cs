using System.Text.Json.Nodes;
using Sutra.Embedder.Catalog;

namespace Sutra.Tests.Embedder.Store;

/// <summary>Checksums of the catalog.</summary>
[TestClass]
public sealed class PinnedPullTests
{
    [TestMethod]
    public async Task What_the_catalog_pins_is_what_arrives_or_nothing()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Catalog = Catalog(test, FakeHub.Sha256(test.Hub.Files[FakeHub.Onnx]));
        var result = await test.PullAsync("tiny");
        Assert.AreEqual("tiny@0123456789ab", result.Model.Id);
        Assert.IsTrue(result.Model.Files.Single(file => file.Path == FakeHub.Onnx).Pinned);
        Assert.IsEmpty(result.Notes);
        Assert.AreEqual("MIT", result.Model.Licence);
        Assert.IsTrue((await test.PullAsync("acme/tiny@0123456")).WasThere);
        Assert.IsTrue(test.Store.Remove(result.Model));

        // The hub's own word differs: nothing is fetched.
        test.Catalog = Catalog(test, new string('0', 64));
        StringAssert.Contains(await test.RefusedAsync("tiny"), "catalog");

        // The hub gives no SHA-256: the pinned one counts, not git's.
        test.Hub.OnList = files =>
        {
            files.Single(file => (string)file["path"] == FakeHub.Onnx).Remove("lfs");
            return files;
        };
        StringAssert.Contains(await test.RefusedAsync("tiny"), "checksum");
    }

    private static ModelCatalog Catalog(StoreUnderTest test, string sha256)
    {
        var entry = new JsonObject
        {
            ["id"] = "tiny",
            ["repository"] = FakeHub.Repository,
            ["revision"] = FakeHub.Commit,
            ["licence"] = "MIT",
            ["dimensions"] = 32,
            ["max_tokens"] = 8,
            ["pooling"] = "mean",
            ["parameters"] = 1,
            ["quality_rank"] = 9,
            ["relative_cost"] = 1,
            ["quantizations"] = new JsonArray(new JsonObject
            {
                ["precision"] = "fp32",
                ["path"] = FakeHub.Onnx,
                ["size"] = test.Hub.Files[FakeHub.Onnx].Length,
                ["sha256"] = sha256,
            }),
        };
        var path = test.Folder.File($"catalog-{Guid.NewGuid():N}.json");
        File.WriteAllText(path, new JsonObject { ["models"] = new JsonArray(entry) }.ToJsonString());
        return ModelCatalog.Load(path);
    }
}
