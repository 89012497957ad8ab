using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sutra.Tests.Embedder.Support;

namespace Sutra.Tests.Embedder.OpenAi;

/// <summary>What <c>/v1/embeddings</c> takes and tells beyond OpenAI.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class OpenAiExtensionTests
{
    private const string Long = "cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat "
        + "cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat cat dog mat";

    private static DoorsUnderTest s_doors = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => s_doors = await DoorsUnderTest.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await s_doors.DisposeAsync();

    [TestMethod]
    public async Task Each_item_tells_its_tokens_and_whether_it_was_cut()
    {
        using var response = await s_doors.Http.PostBodyAsync("/v1/embeddings", $$"""{"model": "tiny-bert", "input": ["the cat", "{{Long}}"]}""");
        var data = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["data"]!;
        Assert.AreEqual(4, (int)data[0]!["tokens"]!);
        Assert.IsFalse((bool)data[0]!["truncated"]!);
        Assert.AreEqual(64, (int)data[1]!["tokens"]!);
        Assert.IsTrue((bool)data[1]!["truncated"]!);
        Assert.AreEqual("1", response.Headers.GetValues("x-truncated-inputs").Single());
        Assert.AreEqual("68", response.Headers.GetValues("x-compute-tokens").Single());
        StringAssert.StartsWith(response.Headers.GetValues("x-model").Single(), "tiny-bert@");
        StringAssert.Matches(response.Headers.GetValues("x-request-id").Single(), new("^[0-9a-f]{32}$"));
        var total = Milliseconds("x-total-time");
        Assert.IsTrue(total > 0 && Milliseconds("x-inference-time") <= total && Milliseconds("x-tokenization-time") <= total && Milliseconds("x-queue-time") <= total);

        double Milliseconds(string header) => double.Parse(response.Headers.GetValues(header).Single(), CultureInfo.InvariantCulture);
    }

    [TestMethod]
    [DataRow("embedding_type", "int8", -127, 127, 16)]
    [DataRow("output_dtype", "uint8", 1, 255, 16)]
    [DataRow("embedding_type", "binary", -128, 127, 2)]
    [DataRow("embedding_type", "ubinary", 0, 255, 2)]
    public async Task Quantised_types_come_as_numbers_and_as_base64_and_cut(string field, string type, int least, int most, int count)
    {
        var numbers = (await DataAsync($$"""{"model": "tiny-bert", "input": "the cat", "dimensions": 16, "{{field}}": "{{type}}"}"""))[0]!["embedding"]!.AsArray().Select(x => (int)x!).ToArray();
        Assert.HasCount(count, numbers);
        Assert.IsTrue(numbers.All(x => x >= least && x <= most), string.Join(' ', numbers));
        var bytes = Convert.FromBase64String(
            (string)(await DataAsync($$"""{"model": "tiny-bert", "input": "the cat", "dimensions": 16, "{{field}}": "{{type}}", "encoding_format": "base64"}"""))[0]!["embedding"]!);
        CollectionAssert.AreEqual(numbers, least < 0 ? [.. bytes.Select(x => (int)(sbyte)x)] : bytes.Select(x => (int)x).ToArray());

        // The signs are the float vector's.
        var floats = (await DataAsync("""{"model": "tiny-bert", "input": "the cat", "dimensions": 16}"""))[0]!["embedding"]!.Floats();
        if (type == "int8")
        {
            Assert.IsTrue(floats.Zip(numbers).All(pair => pair.Second == 0 || Math.Sign(pair.First) == Math.Sign(pair.Second)));
            Assert.AreEqual(127, numbers.Max(Math.Abs));
        }
        else if (type == "ubinary")
        {
            CollectionAssert.AreEqual(floats.Select(x => x > 0).ToArray(), Enumerable.Range(0, 16).Select(i => (numbers[i / 8] & (0x80 >> (i % 8))) != 0).ToArray());
        }
    }

    [TestMethod]
    [DataRow("\"input_type\": \"query\"", "hello ")]
    [DataRow("\"input_type\": \"passage\"", "world ")]
    [DataRow("\"input_type\": \"document\"", "world ")]
    [DataRow("\"prompt_name\": \"query\"", "hello ")]
    [DataRow("\"input_type\": \"document\", \"prompt_name\": \"query\"", "hello ")]
    [DataRow("\"priority\": \"bulk\"", "")]
    [DataRow("\"priority\": \"interactive\", \"truncate\": false, \"truncation_side\": \"left\"", "")]
    public async Task What_a_text_is_for_decides_what_goes_before_it(string fields, string prefix)
    {
        var plain = (await DataAsync($$"""{"model": "tiny-bert", "input": "{{prefix}}the cat"}"""))[0]!["embedding"]!.Floats();
        CollectionAssert.AreEqual(plain, (await DataAsync($$"""{"model": "tiny-bert", "input": "the cat", {{fields}}}"""))[0]!["embedding"]!.Floats());
    }

    [TestMethod]
    public async Task A_text_that_is_not_to_be_cut_fails_the_request_or_only_itself()
    {
        using (var response = await s_doors.Http.PostBodyAsync("/v1/embeddings", $$"""{"model": "tiny-bert", "input": ["x", "{{Long}}"], "truncate": false}"""))
        {
            var error = await response.ErrorAsync(HttpStatusCode.BadRequest);
            Assert.AreEqual(("input", "text_too_long"), (error.Parameter, error.Code));
            StringAssert.StartsWith(error.Message, "input[1] is longer");
        }

        var data = await DataAsync($$"""{"model": "tiny-bert", "input": ["x", "{{Long}}", ""], "truncate": false, "on_error": "item"}""");
        Assert.HasCount(TestModel.Hidden, data[0]!["embedding"]!.AsArray());
        Assert.IsNull(data[1]!["embedding"]);
        Assert.AreEqual("text_too_long", (string)data[1]!["error"]!["code"]!);
        Assert.AreEqual("empty_text", (string)data[2]!["error"]!["code"]!);
    }

    [TestMethod]
    public async Task The_beginning_is_cut_when_that_is_asked_for()
    {
        var left = (await DataAsync($$"""{"model": "tiny-bert", "input": "{{Long}}", "truncation_side": "left"}"""))[0]!["embedding"]!.Floats();
        var end = string.Join(' ', Long.Split(' ').TakeLast(62));
        CollectionAssert.AreEqual((await DataAsync($$"""{"model": "tiny-bert", "input": "{{end}}"}"""))[0]!["embedding"]!.Floats(), left);
    }

    [TestMethod]
    public async Task Models_tell_what_may_be_asked_of_them()
    {
        var model = (await s_doors.Http.GetFromJsonAsync<JsonObject>("/v1/models"))!["data"]!.AsArray().Single()!;
        CollectionAssert.AreEqual(new[] { 32, 16, 8 }, model["allowed_dimensions"]!.AsArray().Select(d => (int)d!).ToArray());
        Assert.AreEqual(64, (int)model["max_tokens"]!);
        Assert.IsTrue((bool)model["loaded"]!);
        Assert.IsTrue((bool)model["default"]!);
    }

    private static async Task<JsonArray> DataAsync(string body) => (await s_doors.Http.CallAsync("/v1/embeddings", body))["data"]!.AsArray();
}
