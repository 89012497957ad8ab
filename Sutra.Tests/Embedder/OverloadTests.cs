using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder;

[TestClass]
[TestCategory("Slow")]
public sealed partial class OverloadTests
{
    [TestMethod]
    public async Task A_full_queue_says_come_back_later_and_a_caller_who_hangs_up_frees_it()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.File("slow"), layers: 6, maxTokens: 512);
        await using var embedder = await EmbedderProcess.StartAsync(folder.File("slow"), ("Embedder__Workers", "1"), ("Embedder__QueueCapacity", "2048"), ("Embedder__BulkDelay", "00:05:00"));
        using var http = embedder.CreateClient();
        using var hangUp = new CancellationTokenSource();
        var longText = string.Join(' ', Enumerable.Repeat("cat", 500));
        var bulk = http.PostAsJsonAsync("/v1/embeddings", new { model = "slow", input = Enumerable.Range(0, 2048).Select(i => $"{i} {longText}") }, hangUp.Token);
        await UntilAsync(http, waiting => waiting > 1000);

        using (var refused = await http.PostAsJsonAsync("/v1/embeddings", new { model = "slow", input = Enumerable.Range(0, 2048).Select(i => $"cat {i}") }))
        {
            Assert.AreEqual(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.IsTrue(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1), refused.Headers.ToString());
            Assert.AreEqual("overloaded", (string)(await refused.Content.ReadFromJsonAsync<JsonObject>())!["error"]!["code"]!);
        }

        await hangUp.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => bulk);
        await UntilAsync(http, waiting => waiting == 0);
        using var served = await http.PostAsJsonAsync("/v1/embeddings", new { model = "slow", input = Enumerable.Range(0, 2048).Select(i => $"cat {i}") });
        Assert.AreEqual(HttpStatusCode.OK, served.StatusCode);
    }

    private static async Task UntilAsync(HttpClient http, Func<int, bool> reached)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            var waiting = int.Parse(Waiting().Match(await http.GetStringAsync("/health")).Groups[1].Value);
            if (reached(waiting))
            {
                return;
            }

            Assert.IsTrue(started.Elapsed < TimeSpan.FromSeconds(20), $"{waiting} texts wait");
            await Task.Delay(50);
        }
    }

    [GeneratedRegex(@"(\d+) texts waiting")]
    private static partial Regex Waiting();
}
