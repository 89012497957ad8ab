using Microsoft.AspNetCore.Http;

namespace Sutra.Tests.Embedder.Store;

/// <summary>Pulls that are cut off go on where they were.</summary>
[TestClass]
public sealed class CutPullTests
{
    [TestMethod]
    public async Task A_cut_connection_goes_on_where_it_was_cut()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var cuts = 0;
        test.Hub.OnContent = async (context, path, content) =>
        {
            if (path != FakeHub.Onnx || ++cuts > 2)
            {
                return false;
            }

            await FakeHub.CutAsync(context, content, 100_000);
            return true;
        };

        await test.PullAsync();

        var requests = test.Hub.ContentRequests(FakeHub.Onnx).ToList();
        Assert.HasCount(3, requests);
        var tag = FakeHub.Sha256(test.Hub.Files[FakeHub.Onnx]);
        StringAssert.Matches(requests[1], new($"bytes=[1-9][0-9]*- \"{tag}\""));
        Assert.IsEmpty(await test.Store.VerifyAsync(test.Store.List()[0], null, default));
    }

    [TestMethod]
    public async Task An_interrupted_pull_leaves_no_model_and_the_next_one_goes_on()
    {
        await using var test = await StoreUnderTest.StartAsync();
        using var interruption = new CancellationTokenSource();
        test.Hub.OnContent = async (context, path, content) =>
        {
            if (path != FakeHub.Onnx)
            {
                return false;
            }

            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content.AsMemory(0, 200_000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        var stop = new Reports(report =>
        {
            if (report.File == FakeHub.Onnx && report.Done > 150_000)
            {
                interruption.Cancel();
            }
        });
        await Assert.ThrowsAsync<OperationCanceledException>(() => test.PullAsync(progress: stop, cancellation: interruption.Token));
        Assert.IsEmpty(test.Store.List());
        var before = test.Hub.Requests.Count;

        test.Hub.OnContent = null;
        await test.PullAsync();

        StringAssert.Matches(test.Hub.ContentRequests(FakeHub.Onnx).Last(), new("bytes=[1-9]"));
        Assert.IsEmpty(test.Hub.Requests.Skip(before).Where(request => request.Contains("/cdn/config.json", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_part_that_was_changed_meanwhile_is_fetched_from_the_start()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var staged = Path.Combine(test.Store.Root, ".partial", "acme--tiny--0123456789ab-fp32", "onnx");
        Directory.CreateDirectory(staged);
        File.WriteAllBytes(Path.Combine(staged, "model.onnx.part"), new byte[5000]);
        File.WriteAllText(Path.Combine(staged, "stray.onnx"), "not of this model");

        var result = await test.PullAsync();

        Assert.IsEmpty(await test.Store.VerifyAsync(result.Model, null, default));
        Assert.DoesNotContain("onnx/stray.onnx", test.FilesIn(result.Model).ToArray());
    }

    [TestMethod]
    public async Task A_silent_connection_is_given_up()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Options = test.Options with { IdleTimeout = TimeSpan.FromMilliseconds(200), Attempts = 2 };
        test.Hub.OnContent = async (context, _, content) =>
        {
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content.AsMemory(0, 1));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "silent");
    }
}
