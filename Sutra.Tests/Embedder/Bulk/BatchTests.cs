using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sutra.Tests.Embedder.Support;

namespace Sutra.Tests.Embedder.Bulk;

[TestClass]
[TestCategory("Slow")]
public sealed class BatchTests
{
    private static DoorsUnderTest s_doors = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => s_doors = await DoorsUnderTest.StartAsync(("Embedder__MaxBatchTexts", "12000"));

    [ClassCleanup]
    public static async Task StopAsync() => await s_doors.DisposeAsync();

    [TestMethod]
    public async Task More_texts_than_the_queue_holds_come_back_in_order()
    {
        var body = JsonSerializer.Serialize(new { input = Enumerable.Range(0, 10_001).Select(i => $"the cat {i}"), encoding_format = "base64" });
        var answer = await s_doors.Http.CallAsync("/v1/embeddings/batch", body);
        var data = answer["data"]!.AsArray();
        CollectionAssert.AreEqual(Enumerable.Range(0, 10_001).ToArray(), data.Select(item => (int)item!["index"]!).ToArray());
        Assert.AreEqual(data.Sum(item => (int)item!["tokens"]!), (int)answer["usage"]!["total_tokens"]!);
        Assert.AreEqual(RichModel.Name, (string)answer["model"]!);

        foreach (var i in new[] { 0, 255, 256, 9999, 10_000 })
        {
            var one = await s_doors.Http.CallAsync("/v1/embeddings", $$"""{"model": "tiny-bert", "input": "the cat {{i}}", "encoding_format": "base64"}""");
            Assert.AreEqual((string)one["data"]![0]!["embedding"]!, (string)data[i]!["embedding"]!, $"text {i}");
        }
    }

    [TestMethod]
    public async Task A_bad_text_fails_alone()
    {
        var answer = await s_doors.Http.CallAsync("/embeddings/batch", """{"input": ["the cat", "", "\ud800", "the dog"]}""");
        var data = answer["data"]!.AsArray();
        Assert.HasCount(TestModel.Hidden, data[0]!["embedding"]!.AsArray());
        Assert.IsNull(data[1]!["embedding"]);
        Assert.AreEqual("empty_text", (string)data[1]!["error"]!["code"]!);
        Assert.AreEqual("invalid_unicode", (string)data[2]!["error"]!["code"]!);
        Assert.HasCount(TestModel.Hidden, data[3]!["embedding"]!.AsArray());
        Assert.IsFalse(data[3]!.AsObject().ContainsKey("error"));
    }

    [TestMethod]
    [DataRow("""{"input": ["x"], "on_error": "fail"}""", "on_error")]
    [DataRow("""{"input": [[5]]}""", "input")]
    [DataRow("""{"input": []}""", "input")]
    [DataRow("""{"input": ["x"], "dimensions": 9}""", "dimensions")]
    [DataRow("""{"input": ["x"], "prompt_name": "nobody"}""", "prompt_name")]
    public async Task What_is_wrong_with_the_whole_is_told_before_anything_is_answered(string body, string parameter)
    {
        foreach (var route in new[] { "/embeddings/batch", "/v1/embeddings/batch" })
        {
            using var response = await s_doors.Http.PostBodyAsync(route, body);
            Assert.AreEqual(parameter, (await response.ErrorAsync(HttpStatusCode.BadRequest)).Parameter);
        }
    }

    [TestMethod]
    public async Task More_texts_than_may_come_at_once_are_refused()
    {
        using var response = await s_doors.Http.PostBodyAsync("/embeddings/batch", JsonSerializer.Serialize(new { input = Enumerable.Repeat("x", 12_001) }));
        StringAssert.Contains((await response.ErrorAsync(HttpStatusCode.BadRequest)).Message, "12000");
    }
}
