using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Telemetry;

[TestClass]
[TestCategory("Slow")]
public sealed partial class MetricsEndpointTests
{
    [TestMethod]
    public async Task Prometheus_finds_the_metrics_on_their_own_port_and_nothing_else_there()
    {
        int http = FreePort.Next(), metrics = FreePort.Next();
        await using var embedder = await EmbedderProcess.StartAsync(
            null,
            http,
            ("METRICS_PORT", metrics.ToString(CultureInfo.InvariantCulture)),
            ("ASPNETCORE_URLS", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{http};http://127.0.0.1:{metrics}")),
            ("GRPC_PORT", ""));
        using var client = embedder.CreateClient();
        using (var answer = await client.PostAsJsonAsync("/v1/embeddings", new { model = "sutra-static", input = new[] { "one", "marzipan zeppelin" } }))
        {
            answer.EnsureSuccessStatusCode();
        }

        using var scraper = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{metrics}")) };
        var text = await scraper.GetStringAsync("/metrics");

        StringAssert.Matches(text, RequestsTotal());
        foreach (var name in new[] { "embedding_request_duration_seconds_bucket", "embedding_batch_size_count", "model_load_duration_seconds_count", "embedding_padding_tokens_total", "embedding_queue_duration_seconds_sum", "embedding_queue_texts" })
        {
            StringAssert.Contains(text, $"\n{name}{{");
        }

        Assert.IsFalse(text.Contains("marzipan", StringComparison.Ordinal));
        Assert.AreEqual(HttpStatusCode.NotFound, (await scraper.GetAsync("/v1/models")).StatusCode);
        Assert.AreEqual(HttpStatusCode.NotFound, (await scraper.GetAsync("/ready")).StatusCode);
        Assert.AreEqual(HttpStatusCode.NotFound, (await client.GetAsync("/metrics")).StatusCode);
        await PromtoolAsync(text);
    }

    private static async Task PromtoolAsync(string metrics)
    {
        if (ExternalProgram.Find("promtool") is not { } promtool)
        {
            return; // The names are checked above; Debian's prometheus package brings the program that checks the form.
        }

        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(promtool, ["check", "metrics", "--lint=none"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        await process.StandardInput.WriteAsync(metrics);
        process.StandardInput.Close();
        var complaints = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.IsTrue(process.ExitCode is 0 or 3, complaints);
    }

    [GeneratedRegex("\nembedding_requests_total\\{[^}]*model=\"sutra-static\"[^}]*status=\"ok\"[^}]*\\} 1\n")]
    private static partial Regex RequestsTotal();
}
