using System.Diagnostics;
using System.Text.Json.Nodes;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Support;

/// <summary>Runs a script of <c>eng/node/tests</c>, which prints one JSON object.</summary>
internal static class NodeScript
{
    public static async Task<JsonObject> RunAsync(string script, params string[] arguments)
    {
        if (ExternalProgram.Find("node") is not { } node)
        {
            Assert.Inconclusive("node is not installed: the real clients cannot be run.");
            return [];
        }

        if (!Directory.Exists(Repository.NodeModules))
        {
            Assert.Inconclusive("eng/node/node_modules is missing: run 'npm ci --ignore-scripts' in eng/node.");
        }

        var start = new ProcessStartInfo(node) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(Repository.Root, "eng", "node", "tests", script));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{script} did not end.", e);
        }

        Assert.AreEqual(0, process.ExitCode, await errors);
        return JsonNode.Parse(await output)!.AsObject();
    }
}
