using System.Collections.Concurrent;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;

namespace Sutra.Tests.Embedder.Store;

[TestClass]
public sealed class ModelPullerTests
{
    [TestMethod]
    public async Task A_model_arrives_with_the_files_it_needs_and_a_manifest_of_them()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var progress = new ConcurrentQueue<PullProgress>();

        var result = await test.PullAsync(progress: new Reports(progress));

        Assert.IsFalse(result.WasThere);
        Assert.AreEqual("acme/tiny@0123456789ab", result.Model.Id);
        Assert.AreEqual("apache-2.0", result.Model.Licence);
        Assert.AreEqual(ModelPrecision.Float32, result.Model.Precision);
        CollectionAssert.AreEqual(
            new[] { "1_Pooling/config.json", "config.json", "manifest.json", "modules.json", FakeHub.Onnx, "tokenizer.json" },
            test.FilesIn(result.Model).ToArray());
        Assert.AreEqual(result.Model, test.Store.Find("acme/tiny")! with { Files = result.Model.Files });
        Assert.AreEqual(FakeHub.Sha256(test.Hub.Files[FakeHub.Onnx]), result.Model.Files.Single(file => file.Path == FakeHub.Onnx).Sha256);
        Assert.AreEqual(result.Model.Bytes, progress.Last().Done);
        Assert.AreEqual(progress.Last().Total, progress.Last().Done);
        StringAssert.Contains(result.Notes.Single(), "checksum");
        Assert.AreEqual(PoolingMode.Mean, ModelFolder.Open(result.Model.Path).Pooling);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(Path.Combine(test.Store.Root, ".partial")));
    }

    [TestMethod]
    public async Task What_is_there_and_whole_is_not_fetched_again_and_what_is_damaged_is()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var first = await test.PullAsync();
        var again = await test.PullAsync();
        Assert.IsTrue(again.WasThere);
        Assert.HasCount(1, test.Hub.ContentRequests(FakeHub.Onnx));

        using (var file = File.OpenWrite(Path.Combine(first.Model.Path, FakeHub.Onnx)))
        {
            file.WriteByte(0xff);
        }

        Assert.IsFalse((await test.PullAsync()).WasThere);
        Assert.HasCount(2, test.Hub.ContentRequests(FakeHub.Onnx));
        Assert.IsEmpty(await test.Store.VerifyAsync(test.Store.Find("acme/tiny")!, null, default));
    }

    [TestMethod]
    public async Task Precisions_lie_side_by_side()
    {
        await using var test = await StoreUnderTest.StartAsync();
        await test.PullAsync();
        var small = await test.PullAsync(precision: ModelPrecision.Int8);

        Assert.AreEqual(2, test.Store.List().Count);
        Assert.AreEqual(ModelPrecision.Int8, ModelFolder.Open(small.Model.Path).Onnx.Precision);
        Assert.AreEqual(ModelPrecision.Float32, test.Store.Find("acme/tiny", ModelPrecision.Float32)!.Precision);
        Assert.IsNull(test.Store.Find("acme/tiny", ModelPrecision.Q4));
        Assert.IsNotNull(test.Store.Find("acme/tiny@01234567"));
        Assert.IsNull(test.Store.Find("acme/tiny@fe"));
        await Assert.ThrowsExactlyAsync<ModelStoreException>(() => test.PullAsync(precision: ModelPrecision.Q4));
    }

    [TestMethod]
    public async Task The_token_goes_to_the_hub_and_nowhere_else()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Options = test.Options with { Token = "hf_secret" };

        await test.PullAsync();

        Assert.IsNotEmpty(test.Hub.ContentRequests(FakeHub.Onnx));
        foreach (var request in test.Hub.Requests)
        {
            Assert.AreEqual(!request.Contains("/cdn/", StringComparison.Ordinal), request.EndsWith("Bearer hf_secret", StringComparison.Ordinal), request);
        }
    }

    [TestMethod]
    public async Task A_repository_that_is_no_model_is_refused_and_what_is_missing_named()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.Files["modules.json"] = """[{"type": "st.Transformer"}, {"type": "st.Dense", "path": "2_Dense"}]"""u8.ToArray();
        StringAssert.Contains(await test.RefusedAsync(), "Transformer → Dense");
        Assert.IsEmpty(test.Hub.ContentRequests(FakeHub.Onnx), "weights were fetched of a model that cannot be served");

        test.Hub.Files.TryRemove("modules.json", out _);
        test.Hub.Files.TryRemove("tokenizer.json", out var tokenizer);
        StringAssert.Contains(await test.RefusedAsync(), "tokenizer.json");

        test.Hub.Files["tokenizer.json"] = tokenizer!;
        test.Hub.Files.TryRemove(FakeHub.Onnx, out _);
        test.Hub.Files.TryRemove("onnx/model_int8.onnx", out _);
        StringAssert.Contains(await test.RefusedAsync(), "no ONNX model");
    }

    [TestMethod]
    public async Task A_list_of_several_pages_is_read_whole_and_a_name_listed_twice_is_refused()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.PageSize = 2;
        await test.PullAsync();
        Assert.IsTrue(test.Store.Remove(test.Store.List()[0]));

        test.Hub.OnList = files => [.. files, files[^1]];
        StringAssert.Contains(await test.RefusedAsync(), "twice");
    }

    [TestMethod]
    public async Task Unknown_names_and_the_built_in_model_are_explained()
    {
        await using var test = await StoreUnderTest.StartAsync();
        StringAssert.Contains(await test.RefusedAsync("sutra-static"), "comes with Sutra");
        StringAssert.Contains(await test.RefusedAsync("tiny"), "owner/name");
        StringAssert.Contains(await test.RefusedAsync("acme/other"), "no such");
        StringAssert.Contains(await test.RefusedAsync("acme/tiny@v9"), "no such");
    }

    [TestMethod]
    public async Task Of_two_pulls_of_one_model_one_waits_for_the_other()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var reached = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        test.Hub.OnContent = async (_, path, _) =>
        {
            if (path == FakeHub.Onnx)
            {
                reached.TrySetResult();
                await go.Task;
            }

            return false;
        };
        var first = test.PullAsync();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var waits = new TaskCompletionSource();
        var second = test.PullAsync(waiting: waits.SetResult);
        await waits.Task.WaitAsync(TimeSpan.FromSeconds(30));
        go.SetResult();

        Assert.IsFalse((await first).WasThere);
        Assert.IsTrue((await second).WasThere);
        Assert.HasCount(1, test.Hub.ContentRequests(FakeHub.Onnx));
    }
}
