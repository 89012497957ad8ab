using Sutra.Contracts.Identity;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.OpenAi;

[TestClass]
[TestCategory("Slow")]
public sealed class OfficialClientTests
{
    [TestMethod]
    public async Task A_full_queue_is_a_RateLimitError_that_says_when_to_come_back()
    {
        using var folder = new TemporaryFolder();
        await using var embedder = await EmbedderProcess.StartAsync(
            RichModel.Write(folder.File(RichModel.Name), layers: 6, maxTokens: 512),
            ("Embedder__Workers", "1"),
            ("Embedder__QueueCapacity", "2048"),
            ("Embedder__BulkDelay", "00:05:00"));

        var result = await NodeScript.RunAsync("openai-overload.mjs", embedder.Http.ToString().TrimEnd('/'), RichModel.Name, EmbedderProcess.Token(Permissions.Read));

        var refused = result["refused"]!;
        Assert.AreEqual("RateLimitError", (string)refused["name"]!);
        Assert.AreEqual("overloaded", (string)refused["code"]!);
        Assert.AreEqual("rate_limit_error", (string)refused["type"]!);
        Assert.IsGreaterThanOrEqualTo(1, int.Parse((string)refused["retryAfter"]!));
        Assert.AreEqual("APIUserAbortError", (string)result["first"]!);
    }

    [TestMethod]
    public async Task A_cut_vector_is_decoded_as_it_was_sent()
    {
        using var folder = new TemporaryFolder();
        await using var embedder = await EmbedderProcess.StartAsync(RichModel.Write(folder.File(RichModel.Name)));
        var result = await NodeScript.RunAsync("openai-dimensions.mjs", new Uri(embedder.Http, "/v1").ToString(), RichModel.Name, EmbedderProcess.Token(Permissions.Read), "16");
        foreach (var vector in new[] { "base64", "floats" })
        {
            Assert.HasCount(16, result[vector]!.AsArray());
            Assert.AreEqual(1, result[vector]!.Floats().Sum(x => (double)x * x), 1e-5);
        }

        CollectionAssert.AreEqual(result["floats"]!.Floats(), result["base64"]!.Floats());
        Assert.AreEqual("BadRequestError dimensions", $"{result["error"]!["name"]} {result["error"]!["param"]}");
    }
}
