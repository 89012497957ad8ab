using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sutra.Contracts.Identity;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Bulk;

[TestClass]
[TestCategory("Slow")]
public sealed class StreamTests
{
    private static DoorsUnderTest s_doors = null!;

    private static string Identity => $"{InternalToken.Header}: {EmbedderProcess.Token(Permissions.Read)}";

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => s_doors = await DoorsUnderTest.StartAsync(
            ("Embedder__MaxLineBytes", "4096"), ("Embedder__StreamIdle", "00:00:03"), ("Embedder__Workers", "1"));

    [ClassCleanup]
    public static async Task StopAsync() => await s_doors.DisposeAsync();

    [TestMethod]
    [DataRow("/embeddings/stream")]
    [DataRow("/v1/embeddings/stream?model=tiny-bert&encoding_format=float")]
    public async Task A_line_is_answered_while_the_caller_still_writes(string route)
    {
        await using var call = await NdjsonCall.StartAsync(s_doors.Embedder.Http, route, Identity);
        await call.ReadHeadAsync();
        Assert.AreEqual(200, call.Status);
        StringAssert.Contains(call.Headers, "application/x-ndjson");
        for (var i = 0; i < 3; i++)
        {
            await call.SendAsync($"{{\"id\": \"a{i}\", \"text\": \"the cat {i}\"}}\n");
            var line = (await call.ReadAsync())!;
            Assert.AreEqual($"a{i}", (string)line["id"]!);
            Assert.AreEqual(i, (int)line["index"]!);
            Assert.AreEqual(5, (int)line["tokens"]!);
            Assert.IsFalse((bool)line["truncated"]!);
            var alone = await s_doors.Http.CallAsync("/embed", $$"""{"inputs": "the cat {{i}}"}""");
            CollectionAssert.AreEqual(alone[0]!.Floats(), line["embedding"]!.Floats());
        }

        await call.EndAsync();
        Assert.IsNull(await call.ReadAsync());
    }

    [TestMethod]
    public async Task Answers_keep_the_order_and_a_bad_line_is_answered_and_passed_over()
    {
        await using var call = await NdjsonCall.StartAsync(s_doors.Embedder.Http, "/embeddings/stream?dimensions=8&encoding_format=base64", Identity);
        string[] lines =
        [
            "\"the cat\"", "not json", """{"id": 7, "text": 5}""", """{"id": {}, "text": "x"}""", """{"id": 8, "text": ""}""", "[1]", """{"id": 9, "text": "\ud800"}""",
            "\"" + new string('x', 5000) + "\"", "", """{"id": 1e400, "text": "the dog"}""",
        ];
        await call.SendAsync(string.Join('\n', lines) + "\n");
        for (var i = 0; i < 500; i++)
        {
            await call.SendAsync($"\"the cat {i}\"\r\n");
        }

        await call.SendAsync("\"no newline\"");
        await call.EndAsync();
        await call.ReadHeadAsync();
        var answers = await call.ReadAllAsync();

        Assert.HasCount(9 + 501, answers);
        CollectionAssert.AreEqual(Enumerable.Range(0, 510).ToArray(), answers.Select(answer => (int)answer["index"]!).ToArray());
        CollectionAssert.AreEqual(
            new[] { null, "invalid_json", "invalid_line", "invalid_line", "empty_text", "invalid_line", "invalid_unicode", "line_too_long", null },
            answers.Take(9).Select(answer => (string?)answer["error"]?["code"]).ToArray());
        Assert.AreEqual(7, (int)answers[2]["id"]!);
        Assert.AreEqual(9, (int)answers[6]["id"]!);
        Assert.AreEqual("1e400", answers[8]["id"]!.ToJsonString());
        Assert.IsTrue(answers.Skip(8).All(answer => Convert.FromBase64String((string)answer["embedding"]!).Length == 8 * sizeof(float)));
    }

    [TestMethod]
    [DataRow("dimensions=9", "dimensions", 400)]
    [DataRow("dimensions=x", "dimensions", 400)]
    [DataRow("dimensions=8&dimensions=8", "dimensions", 400)]
    [DataRow("truncate=maybe", "truncate", 400)]
    [DataRow("prompt_name=nobody", "prompt_name", 400)]
    [DataRow("encoding_format=hex", "encoding_format", 400)]
    [DataRow("model=nobody", "model", 404)]
    public async Task What_is_wrong_with_the_whole_stream_is_told_at_once(string query, string parameter, int status)
    {
        using var response = await s_doors.Http.PostBodyAsync($"/embeddings/stream?{query}", "\"x\"\n", "application/x-ndjson");
        Assert.AreEqual(parameter, (await response.ErrorAsync((HttpStatusCode)status)).Parameter);
    }

    [TestMethod]
    public async Task A_caller_who_does_not_read_is_not_read_from_either()
    {
        await using var call = await NdjsonCall.StartAsync(s_doors.Embedder.Http, "/embeddings/stream", Identity);
        var lines = string.Concat(Enumerable.Repeat("\"the cat\"\n", 1000));
        var sent = 0;
        using var limit = new CancellationTokenSource();
        var sending = Task.Run(async () =>
        {
            while (true)
            {
                await call.SendAsync(lines, limit.Token);
                Interlocked.Increment(ref sent);
            }
        });

        // Answers are a hundred times as long as the lines: if the embedder read on, it would have to keep them.
        var started = Stopwatch.StartNew();
        for (var (last, since) = (-1, Stopwatch.StartNew()); since.Elapsed < TimeSpan.FromSeconds(1); await Task.Delay(50))
        {
            Assert.IsLessThan(30, started.Elapsed.TotalSeconds, "it reads on and on");
            if (Volatile.Read(ref sent) != last || await WaitingAsync() > 0)
            {
                (last, since) = (Volatile.Read(ref sent), Stopwatch.StartNew());
            }
        }

        Assert.IsFalse(sending.IsCompleted, "held back, not hung up on");
        await limit.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => sending);
    }

    [TestMethod]
    public async Task A_stream_that_stands_still_ends_and_says_so()
    {
        await using var call = await NdjsonCall.StartAsync(s_doors.Embedder.Http, "/embeddings/stream", Identity);
        await call.SendAsync("\"the cat\"\n");
        await call.SendAsync("\"the unfinished");
        await call.ReadHeadAsync();
        var answers = await call.ReadAllAsync();
        Assert.HasCount(2, answers);
        Assert.AreEqual("request_timeout", (string)answers[1]["error"]!["code"]!);
        Assert.AreEqual(1, (int)answers[1]["index"]!);
    }

    [TestMethod]
    public async Task The_stop_of_the_embedder_ends_a_stream_when_what_was_read_is_answered()
    {
        using var folder = new TemporaryFolder();
        await using var embedder = await EmbedderProcess.StartAsync(RichModel.Write(folder.File(RichModel.Name)));
        await using var call = await NdjsonCall.StartAsync(embedder.Http, "/embeddings/stream", Identity);
        await call.SendAsync("\"the cat\"\n\"the dog\"\n");
        await call.ReadHeadAsync();
        Assert.IsNotNull(await call.ReadAsync());
        Assert.IsNotNull(await call.ReadAsync());

        var watch = Stopwatch.StartNew();
        var stopping = embedder.Process.StopAsync();
        var rest = await call.ReadAllAsync();
        Assert.AreEqual("stopping", (string)rest.Single()["error"]!["code"]!);
        await call.DisposeAsync();
        await stopping;
        Assert.AreEqual(0, embedder.Process.Process.ExitCode, embedder.Process.Output);
        Assert.IsLessThan(8, watch.Elapsed.TotalSeconds);
    }

    [TestMethod]
    public async Task A_caller_who_hangs_up_leaves_nothing_in_the_queue()
    {
        using var folder = new TemporaryFolder();
        await using var embedder = await EmbedderProcess.StartAsync(RichModel.Write(folder.File(RichModel.Name), layers: 6, maxTokens: 512), ("Embedder__Workers", "1"));
        var call = await NdjsonCall.StartAsync(embedder.Http, "/embeddings/stream", Identity);
        var text = string.Join(' ', Enumerable.Repeat("cat", 500));
        await call.SendAsync(string.Concat(Enumerable.Range(0, 200).Select(i => $"\"{i} {text}\"\n")));
        using var http = embedder.CreateClient();
        await UntilAsync(http, waiting => waiting > 100);
        await call.DisposeAsync();
        await UntilAsync(http, waiting => waiting == 0);
    }

    private static async Task<int> WaitingAsync(HttpClient? http = null) =>
        (int)(await (http ?? s_doors.Http).GetFromJsonAsync<JsonObject>("/info"))!["queue"]!["waiting"]!;

    private static async Task UntilAsync(HttpClient http, Func<int, bool> reached)
    {
        var started = Stopwatch.StartNew();
        while (!reached(await WaitingAsync(http)))
        {
            Assert.IsLessThan(20, started.Elapsed.TotalSeconds);
            await Task.Delay(20);
        }
    }
}
