using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;

namespace Sutra.Tests.Embedder.Store;

[TestClass]
public sealed class ModelPullerTests
{
    private const string Onnx = "onnx/model.onnx";

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
            new[] { "1_Pooling/config.json", "config.json", "manifest.json", "modules.json", Onnx, "tokenizer.json" },
            test.FilesIn(result.Model).ToArray());
        Assert.AreEqual(result.Model, test.Store.Find("acme/tiny")! with { Files = result.Model.Files });
        Assert.AreEqual(FakeHub.Sha256(test.Hub.Files[Onnx]), result.Model.Files.Single(file => file.Path == Onnx).Sha256);
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
        Assert.HasCount(1, test.Hub.ContentRequests(Onnx));

        using (var file = File.OpenWrite(Path.Combine(first.Model.Path, Onnx)))
        {
            file.WriteByte(0xff);
        }

        Assert.IsFalse((await test.PullAsync()).WasThere);
        Assert.HasCount(2, test.Hub.ContentRequests(Onnx));
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

        Assert.IsNotEmpty(test.Hub.ContentRequests(Onnx));
        foreach (var request in test.Hub.Requests)
        {
            Assert.AreEqual(!request.Contains("/cdn/", StringComparison.Ordinal), request.EndsWith("Bearer hf_secret", StringComparison.Ordinal), request);
        }
    }

    [TestMethod]
    public async Task A_cut_connection_goes_on_where_it_was_cut()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var cuts = 0;
        test.Hub.OnContent = async (context, path, content) =>
        {
            if (path != Onnx || ++cuts > 2)
            {
                return false;
            }

            await FakeHub.CutAsync(context, content, 100_000);
            return true;
        };

        await test.PullAsync();

        var requests = test.Hub.ContentRequests(Onnx).ToList();
        Assert.HasCount(3, requests);
        var tag = FakeHub.Sha256(test.Hub.Files[Onnx]);
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
            if (path != Onnx)
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
            if (report.File == Onnx && report.Done > 150_000)
            {
                interruption.Cancel();
            }
        });
        await Assert.ThrowsAsync<OperationCanceledException>(() => test.PullAsync(progress: stop, cancellation: interruption.Token));
        Assert.IsEmpty(test.Store.List());
        var before = test.Hub.Requests.Count;

        test.Hub.OnContent = null;
        await test.PullAsync();

        StringAssert.Matches(test.Hub.ContentRequests(Onnx).Last(), new("bytes=[1-9]"));
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
    [DataRow(429)]
    [DataRow(500)]
    [DataRow(503)]
    public async Task A_busy_hub_is_asked_again_when_it_says(int status)
    {
        await using var test = await StoreUnderTest.StartAsync();
        var asked = new ConcurrentDictionary<string, int>();
        test.Hub.OnRequest = context =>
        {
            if (asked.AddOrUpdate(context.Request.Path, 1, (_, times) => times + 1) > 1)
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "0";
            return Task.FromResult(true);
        };

        Assert.AreEqual("acme/tiny", (await test.PullAsync()).Model.Name);
    }

    [TestMethod]
    [DataRow(401, null, "HF_TOKEN")]
    [DataRow(403, null, "HF_TOKEN")]
    [DataRow(403, "hf_secret", "gives no access")]
    [DataRow(404, null, "no such")]
    [DataRow(500, null, "gave up after 4 attempts")]
    [DataRow(418, null, "418")]
    public async Task A_refusal_is_told_in_one_line_without_the_token(int status, string? token, string says)
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Options = test.Options with { Token = token };
        test.Hub.OnRequest = context =>
        {
            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };

        var message = await test.RefusedAsync();

        StringAssert.Contains(message, says);
        Assert.DoesNotContain("hf_secret", message);
    }

    [TestMethod]
    public async Task A_wait_that_is_too_long_is_left_to_the_person()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnRequest = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "3600";
            return Task.FromResult(true);
        };
        StringAssert.Contains(await test.RefusedAsync(), "60 minutes");
    }

    [TestMethod]
    public async Task A_hub_that_is_not_there_is_told_so()
    {
        await using var test = await StoreUnderTest.StartAsync();
        await test.Hub.DisposeAsync();
        StringAssert.Contains(await test.RefusedAsync(), "cannot be reached");
    }

    [TestMethod]
    [DataRow("ftp://127.0.0.1/x")]
    [DataRow("http://192.0.2.1/x")]
    [DataRow("file:///etc/passwd")]
    [DataRow("https://user@127.0.0.1/x")]
    public async Task A_redirect_to_where_nobody_may_listen_is_not_followed(string target)
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnRequest = context =>
        {
            if (!context.Request.Path.Value!.Contains("/resolve/", StringComparison.Ordinal))
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = 302;
            context.Response.Headers.Location = target;
            return Task.FromResult(true);
        };
        StringAssert.Contains(await test.RefusedAsync(), "redirects to");
    }

    [TestMethod]
    public async Task Redirects_without_end_end()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnRequest = context =>
        {
            context.Response.Redirect(context.Request.Path);
            return Task.FromResult(true);
        };
        StringAssert.Contains(await test.RefusedAsync(), "more than 5 redirects");
    }

    [TestMethod]
    public async Task A_web_page_is_no_model()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnContent = async (context, _, _) =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync("<html>Please log in</html>");
            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "web page");

        test.Hub.OnRequest = async context =>
        {
            await context.Response.WriteAsync("<html>Please log in</html>");
            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "login page");
    }

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
            if (path != Onnx)
            {
                return false;
            }

            var changed = content.ToArray();
            changed[^1] ^= 1;
            await FakeHub.SendAsync(context, changed);
            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "checksum");
        Assert.HasCount(2, test.Hub.ContentRequests(Onnx));
    }

    [TestMethod]
    public async Task A_body_without_end_is_cut_off_at_its_promised_size()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnContent = async (context, path, content) =>
        {
            if (path != Onnx)
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
            var onnx = files.Single(file => (string)file["path"] == Onnx);
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
            var onnx = files.Single(file => (string)file["path"] == Onnx);
            onnx["size"] = ((Dictionary<string, object>)onnx["lfs"])["size"] = long.MaxValue / 4;
            return files;
        };
        StringAssert.Contains(await test.RefusedAsync(), "The disk has");
    }

    [TestMethod]
    public async Task A_repository_that_is_no_model_is_refused_and_what_is_missing_named()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.Files["modules.json"] = """[{"type": "st.Transformer"}, {"type": "st.Dense", "path": "2_Dense"}]"""u8.ToArray();
        StringAssert.Contains(await test.RefusedAsync(), "Transformer → Dense");
        Assert.IsEmpty(test.Hub.ContentRequests(Onnx), "weights were fetched of a model that cannot be served");

        test.Hub.Files.TryRemove("modules.json", out _);
        test.Hub.Files.TryRemove("tokenizer.json", out var tokenizer);
        StringAssert.Contains(await test.RefusedAsync(), "tokenizer.json");

        test.Hub.Files["tokenizer.json"] = tokenizer!;
        test.Hub.Files.TryRemove(Onnx, out _);
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
    public async Task What_the_catalog_pins_is_what_arrives_or_nothing()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Catalog = Catalog(test, FakeHub.Sha256(test.Hub.Files[Onnx]));
        var result = await test.PullAsync("tiny");
        Assert.AreEqual("tiny@0123456789ab", result.Model.Id);
        Assert.IsTrue(result.Model.Files.Single(file => file.Path == Onnx).Pinned);
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
            files.Single(file => (string)file["path"] == Onnx).Remove("lfs");
            return files;
        };
        StringAssert.Contains(await test.RefusedAsync("tiny"), "checksum");
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
            if (path == Onnx)
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
        Assert.HasCount(1, test.Hub.ContentRequests(Onnx));
    }

    [TestMethod]
    [TestCategory("Slow")]
    [Timeout(120_000)]
    public async Task Whatever_the_hub_does_there_is_a_verified_model_or_none()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Options = test.Options with { IdleTimeout = TimeSpan.FromMilliseconds(300), Attempts = 3 };
        var good = test.Hub.Files.ToDictionary(file => file.Key, file => FakeHub.Sha256(file.Value), StringComparer.Ordinal);
        var (arrived, refused) = (0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var trouble = random.Next(1, 4);
            test.Hub.OnContent = async (context, _, content) =>
            {
                int kind, at;
                lock (random)
                {
                    kind = random.Next(4) < trouble ? random.Next(9) : -1;
                    at = random.Next(content.Length);
                }

                return await MisbehaveAsync(context, content, kind, at);
            };
            try
            {
                await test.PullAsync();
                arrived++;
            }
            catch (ModelStoreException)
            {
                refused++;
            }

            Assert.IsEmpty(test.Store.Broken(), $"seed {seed}");
            foreach (var model in test.Store.List())
            {
                Assert.IsEmpty(await test.Store.VerifyAsync(model, null, default), $"seed {seed}");
                Assert.IsTrue(model.Files.All(file => file.Sha256 == good[file.Path]), $"seed {seed}");
                Assert.HasCount(5, model.Files);
                Assert.IsTrue(test.Store.Remove(model));
            }
        }

        Assert.IsTrue(arrived > 5 && refused > 5, $"{arrived} arrived, {refused} were refused: this proves little");
    }

    /// <summary>Cuts, flips, drops, repeats, errors; false: behaves.</summary>
    private static async Task<bool> MisbehaveAsync(HttpContext context, byte[] content, int kind, int at)
    {
        switch (kind)
        {
            case 0:
            case 1:
                await FakeHub.CutAsync(context, content, at);
                return true;
            case 2:
                context.Response.StatusCode = 503;
                return true;
            case 3:
                var flipped = content.ToArray();
                flipped[at] ^= 0x20;
                await FakeHub.SendAsync(context, flipped);
                return true;
            case 4:
                await FakeHub.SendAsync(context, content[..at]);
                return true;
            case 5:
                context.Response.StatusCode = 206;
                context.Response.Headers.ContentRange = $"bytes {at}-{content.Length - 1}/{content.Length}";
                await context.Response.Body.WriteAsync(content.AsMemory(at));
                return true;
            case 6:
                await context.Response.Body.WriteAsync(content);
                await context.Response.Body.WriteAsync(content.AsMemory(0, at));
                return true;
            case 7:
                context.Request.Headers.Range = default;
                await FakeHub.SendAsync(context, content);
                return true;
            case 8:
                context.Abort();
                return true;
            default:
                return false;
        }
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
                ["path"] = Onnx,
                ["size"] = test.Hub.Files[Onnx].Length,
                ["sha256"] = sha256,
            }),
        };
        var path = test.Folder.File($"catalog-{Guid.NewGuid():N}.json");
        File.WriteAllText(path, new JsonObject { ["models"] = new JsonArray(entry) }.ToJsonString());
        return ModelCatalog.Load(path);
    }

    private sealed class Reports(Action<PullProgress> report) : IProgress<PullProgress>
    {
        public Reports(ConcurrentQueue<PullProgress> queue)
            : this(queue.Enqueue)
        {
        }

        public void Report(PullProgress value) => report(value);
    }
}
