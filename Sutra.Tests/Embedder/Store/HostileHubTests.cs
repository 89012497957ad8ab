using Microsoft.AspNetCore.Http;
using Sutra.Embedder.Models;

namespace Sutra.Tests.Embedder.Store;

/// <summary>A hub that sends other files than it promised, or promises what nobody wants.</summary>
[TestClass]
public sealed class HostileHubTests
{
    [TestMethod]
    public async Task Wrong_bytes_never_become_a_model()
    {
        await using var test = await StoreUnderTest.StartAsync();
        // Small files have no SHA-256 at the hub, but git's.
        test.Hub.OnContent = async (context, path, content) =>
        {
            await FakeHub.SendAsync(context, path == "config.json" ? [.. content[..^1], (byte)' '] : content);
            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "config.json");

        test.Hub.OnContent = async (context, path, content) =>
        {
            if (path != FakeHub.Onnx)
            {
                return false;
            }

            var changed = content.ToArray();
            changed[^1] ^= 1;
            await FakeHub.SendAsync(context, changed);
            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "checksum");
        Assert.HasCount(2, test.Hub.ContentRequests(FakeHub.Onnx));
    }

    [TestMethod]
    public async Task A_body_without_end_is_cut_off_at_its_promised_size()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnContent = async (context, path, content) =>
        {
            if (path != FakeHub.Onnx)
            {
                return false;
            }

            await context.Response.Body.WriteAsync(content);
            for (var more = 0; more < 10_000 && !context.RequestAborted.IsCancellationRequested; more++)
            {
                await context.Response.Body.WriteAsync(new byte[1 << 16], context.RequestAborted);
            }

            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "goes on after");
    }

    [TestMethod]
    public async Task A_length_that_contradicts_the_list_is_refused()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnContent = async (context, _, content) =>
        {
            await FakeHub.SendAsync(context, content[..^1]);
            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "the hub's list says");
    }

    [TestMethod]
    public async Task Names_that_lead_elsewhere_are_never_written()
    {
        await using var test = await StoreUnderTest.StartAsync();
        foreach (var name in new[] { "../evil.json", "/etc/evil", "onnx/../../evil", "..\\evil", "onnx/model.onnx_data/../../../evil", "C:evil", "1_Pooling/../x_Pooling/config.json" })
        {
            test.Hub.Files[name] = "evil"u8.ToArray();
        }

        var result = await test.PullAsync();
        Assert.HasCount(6, test.FilesIn(result.Model).ToArray());

        test.Hub.OnList = files => [.. files, new() { ["type"] = "file", ["path"] = "9/../_Pooling/config.json", ["size"] = 4, ["oid"] = new string('0', 40) }];
        test.Hub.Files.TryRemove("onnx/model.onnx", out _);
        await test.PullAsync(precision: ModelPrecision.Int8);
        Assert.IsFalse(Directory.EnumerateFiles(test.Folder.Path, "*evil*", SearchOption.AllDirectories).Any());
    }

    [TestMethod]
    [DataRow("size", long.MaxValue)]
    [DataRow("size", 9L << 30)]
    [DataRow("size", 0L)]
    [DataRow("size", -1L)]
    public async Task Absurd_sizes_are_refused_before_anything_is_fetched(string property, long value)
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnList = files =>
        {
            var onnx = files.Single(file => (string)file["path"] == FakeHub.Onnx);
            onnx[property] = value;
            ((Dictionary<string, object>)onnx["lfs"])[property] = value;
            return files;
        };
        await test.RefusedAsync(precision: ModelPrecision.Float32);
        Assert.IsFalse(test.Hub.Requests.Any(request => request.Contains("/cdn/", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_model_that_is_too_large_as_a_whole_or_for_the_disk_is_refused()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Options = test.Options with { LargestModel = 100_000 };
        StringAssert.Contains(await test.RefusedAsync(), "at most 100000");

        test.Options = test.Options with { LargestFile = long.MaxValue / 2, LargestModel = long.MaxValue };
        test.Hub.OnList = files =>
        {
            var onnx = files.Single(file => (string)file["path"] == FakeHub.Onnx);
            onnx["size"] = ((Dictionary<string, object>)onnx["lfs"])["size"] = long.MaxValue / 4;
            return files;
        };
        StringAssert.Contains(await test.RefusedAsync(), "The disk has");
    }
}
