using System.Diagnostics;
using Sutra.Tests.Embedder.Store;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Cli.ModelCommands;

/// <summary><c>sutra model …</c> as a process, against a hub on loopback.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class ModelCommandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [TestMethod]
    public async Task A_model_is_pulled_listed_verified_and_removed()
    {
        await using var test = await StoreUnderTest.StartAsync();

        var pulled = await RunAsync(test, 0, "pull", "acme/tiny");
        StringAssert.Contains(pulled, "acme/tiny: 100 %");
        StringAssert.Contains(pulled, "✓ acme/tiny@0123456789ab fp32");
        StringAssert.Contains(pulled, "licence apache-2.0");
        StringAssert.Contains(pulled, "checksum of the weights is the hub's own");
        StringAssert.Contains(await RunAsync(test, 0, "pull", "acme/tiny", "--quantization", "int8"), "int8");
        StringAssert.Contains(await RunAsync(test, 0, "pull", "acme/tiny", "--quantization", "fp32"), "was there, and is whole");

        var list = await RunAsync(test, 0, "list");
        StringAssert.Matches(list, new("acme/tiny +0123456789ab +fp32 .*apache-2.0 +just now"));
        StringAssert.Matches(list, new("nomic-embed-text-v1.5 +64 128 256 512 768 +8192 +fp32 547.3 MB, int8 137.3 MB"));

        StringAssert.Contains(await RunAsync(test, 0, "verify"), "✓ acme/tiny@0123456789ab int8");
        var onnx = Path.Combine(test.Store.Find("acme/tiny", Sutra.Embedder.Models.ModelPrecision.Float32)!.Path, "onnx", "model.onnx");
        await using (var file = File.OpenWrite(onnx))
        {
            file.WriteByte(0xff);
        }

        StringAssert.Contains(await RunAsync(test, 1, "verify", "acme/tiny"), "onnx/model.onnx: is not what was pulled");
        File.Delete(onnx);
        StringAssert.Contains(await RunAsync(test, 1, "verify"), "✗ ");

        var removed = await RunAsync(test, 0, "rm", "acme/tiny");
        StringAssert.Contains(removed, "removed acme/tiny@0123456789ab int8");
        Assert.IsEmpty(test.Store.List());
        Assert.IsEmpty(test.Store.Broken());
    }

    [TestMethod]
    [DataRow(1, "acme/absent", "sutra model: acme/absent@main: the hub has no such model, revision or file (404).")]
    [DataRow(1, "no such", "sutra model: 'no such' is no model: write a name of the catalog, or owner/name, with or without @revision.")]
    [DataRow(1, "sutra-static", "sutra model: sutra-static comes with Sutra: there is nothing to pull.")]
    public async Task A_failure_is_one_line(int exitCode, string model, string says)
    {
        await using var test = await StoreUnderTest.StartAsync();
        Assert.AreEqual(says, (await RunAsync(test, exitCode, "pull", model)).Trim());
    }

    [TestMethod]
    public async Task A_model_in_use_stays_and_an_unknown_one_is_told()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var model = (await test.PullAsync()).Model;
        using (test.Store.Lease(model))
        {
            StringAssert.Contains(await RunAsync(test, 1, "rm", "acme/tiny"), "is in use and stays");
        }

        StringAssert.Contains(await RunAsync(test, 1, "rm", "acme/other"), "is not in the store");
        StringAssert.Contains(await RunAsync(test, 1, "rm", "acme/tiny", "--quantization", "int8"), "is not in the store");
        StringAssert.Contains(await RunAsync(test, 1, "pull", "acme/tiny", "--quantization", "int3"), "--quantization must be one of");
    }

    [TestMethod]
    [DataRow(Signal.Interrupt, 130)]
    [DataRow(Signal.Kill, 137)]
    public async Task A_pull_that_was_stopped_or_killed_leaves_no_model_and_the_next_one_goes_on(int signal, int exitCode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Windows has no such signals.");
        }

        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnContent = async (context, path, content) =>
        {
            if (path != "onnx/model.onnx")
            {
                return false;
            }

            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content.AsMemory(0, content.Length * 3 / 4));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        using var process = Start(test, "pull", "acme/tiny");
        try
        {
            for (string? line = ""; line?.Contains("70 %", StringComparison.Ordinal) != true;)
            {
                line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
                if (line is null)
                {
                    Assert.Fail(await process.StandardError.ReadToEndAsync());
                }
            }
        }
        finally
        {
            Signal.Send(process.Id, signal);
        }

        var errors = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.AreEqual(exitCode, process.ExitCode, errors);
        Assert.IsEmpty(test.Store.List());
        Assert.AreEqual(signal == Signal.Interrupt, errors.Contains("goes on from there", StringComparison.Ordinal), errors);

        test.Hub.OnContent = null;
        await RunAsync(test, 0, "pull", "acme/tiny");
        StringAssert.Matches(test.Hub.ContentRequests("onnx/model.onnx").Last(), new("bytes=[1-9]"));
        Assert.IsEmpty(await test.Store.VerifyAsync(test.Store.Find("acme/tiny")!, null, default));
    }

    /// <summary>All that it prints, errors after the rest.</summary>
    private static async Task<string> RunAsync(StoreUnderTest test, int exitCode, params string[] arguments)
    {
        using var process = Start(test, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        var all = await output + await errors;
        Assert.AreEqual(exitCode, process.ExitCode, all);
        return all;
    }

    private static Process Start(StoreUnderTest test, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Program("Sutra.Cli", "sutra"), "model", .. arguments, "--store", test.Store.Root])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HF_ENDPOINT"] = test.Hub.Endpoint.AbsoluteUri;
        start.Environment.Remove("HF_TOKEN");
        start.Environment.Remove("Embedder__HubEndpoint");
        start.Environment.Remove("Embedder__CatalogPath");
        return Process.Start(start)!;
    }
}
