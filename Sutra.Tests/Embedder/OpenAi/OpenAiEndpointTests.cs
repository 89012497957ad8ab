using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sutra.Contracts.Identity;
using Sutra.Tests.Embedder.Support;

namespace Sutra.Tests.Embedder.OpenAi;

[TestClass]
[TestCategory("Slow")]
public sealed class OpenAiEndpointTests
{
    private const string Model = "tiny-bert";
    private static DoorsUnderTest s_doors = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => s_doors = await DoorsUnderTest.StartAsync(folder => TestModel.Write(folder), ("Embedder__MaxBodyBytes", "100000"));

    [ClassCleanup]
    public static async Task StopAsync() => await s_doors.DisposeAsync();

    [TestMethod]
    public async Task Texts_come_back_as_vectors_in_order_with_usage()
    {
        var body = await EmbedAsync(new { model = Model, input = new[] { "the cat", "the dog runs", "the cat" } });

        Assert.AreEqual("list", (string)body["object"]!);
        Assert.AreEqual(Model, (string)body["model"]!);
        var data = body["data"]!.AsArray();
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, data.Select(d => (int)d!["index"]!).ToArray());
        Assert.IsTrue(data.All(d => (string)d!["object"]! == "embedding"));
        CollectionAssert.AreEqual(Floats(data[0]!), Floats(data[2]!));
        CollectionAssert.AreNotEqual(Floats(data[0]!), Floats(data[1]!));
        Assert.AreEqual(1, Floats(data[0]!).Sum(x => (double)x * x), 1e-5);
        Assert.AreEqual(4 + 5 + 4, (int)body["usage"]!["prompt_tokens"]!);
        Assert.AreEqual(13, (int)body["usage"]!["total_tokens"]!);
    }

    [TestMethod]
    [DataRow("input_type", "query")]
    [DataRow("prompt_name", "query")]
    public async Task Token_ids_take_no_prefix_and_say_so(string field, string value)
    {
        using var response = await PostAsync($$"""{"model": "tiny-bert", "input": [5, 6], "{{field}}": "{{value}}"}""");
        Assert.AreEqual(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.AreEqual(field, (string?)(await response.Content.ReadFromJsonAsync<JsonObject>())!["error"]!["param"]);
    }

    [TestMethod]
    public async Task A_failure_has_its_shape_whatever_the_client_says_that_it_sends()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models/nope") { Content = new StringContent("") };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var response = await s_doors.Http.SendAsync(request);
        Assert.AreEqual(HttpStatusCode.NotFound, response.StatusCode);
        Assert.AreEqual("model_not_found", (string?)(await response.Content.ReadFromJsonAsync<JsonObject>())!["error"]!["code"]);
    }

    [TestMethod]
    public async Task A_short_answer_goes_out_whole_with_its_length_and_a_long_one_as_it_is_made()
    {
        using var brief = await PostAsync("""{"model": "tiny-bert", "input": "the cat"}""");
        Assert.AreEqual((await brief.Content.ReadAsByteArrayAsync()).Length, brief.Content.Headers.ContentLength);
        Assert.AreNotEqual(true, brief.Headers.TransferEncodingChunked);

        using var lengthy = await PostAsync(JsonSerializer.Serialize(new { model = Model, input = Enumerable.Repeat("the cat", 400) }));
        Assert.AreEqual(true, lengthy.Headers.TransferEncodingChunked);
        Assert.HasCount(400, (await lengthy.Content.ReadFromJsonAsync<JsonObject>())!["data"]!.AsArray());
    }

    [TestMethod]
    public async Task Base64_is_the_same_vector_as_little_endian_floats()
    {
        var floats = Floats((await EmbedAsync(new { model = Model, input = "the cat", encoding_format = "float" }))["data"]![0]!);
        var base64 = (string)(await EmbedAsync(new { model = Model, input = "the cat", encoding_format = "base64" }))["data"]![0]!["embedding"]!;
        CollectionAssert.AreEqual(floats, MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(base64)).ToArray());
    }

    [TestMethod]
    public async Task Token_ids_of_this_model_are_its_text()
    {
        int[] tokens = [TestModel.IdOf("the"), TestModel.IdOf("cat")];
        var text = Floats((await EmbedAsync(new { model = Model, input = "the cat" }))["data"]![0]!);
        CollectionAssert.AreEqual(text, Floats((await EmbedAsync(new { model = Model, input = tokens }))["data"]![0]!));
        CollectionAssert.AreEqual(text, Floats((await EmbedAsync(new { model = Model, input = new[] { tokens, [5] } }))["data"]![0]!));
    }

    [TestMethod]
    public async Task Everything_a_client_may_send_along_is_taken()
    {
        var body = await EmbedAsync(new { model = Model, input = "x", user = "somebody", dimensions = TestModel.Hidden, encoding_format = (string?)null, future = 1 });
        Assert.AreEqual(TestModel.Hidden, Floats(body["data"]![0]!).Length);
    }

    [TestMethod]
    public async Task A_cut_text_is_told_in_a_header()
    {
        using var response = await s_doors.Http.PostAsJsonAsync("/v1/embeddings", new { model = Model, input = new[] { "cat", string.Join(' ', Enumerable.Repeat("cat", 100)) } });
        Assert.AreEqual("1", response.Headers.GetValues("x-truncated-inputs").Single());
    }

    [TestMethod]
    public async Task As_many_texts_as_OpenAI_takes_are_taken()
    {
        var body = await EmbedAsync(new { model = Model, input = Enumerable.Range(0, 2048).Select(i => $"cat {i}") });
        Assert.AreEqual(2048, body["data"]!.AsArray().Count);
    }

    [TestMethod]
    [DataRow("{\"model\": \"tiny-bert\", \"input\": ", null, "JSON", DisplayName = "cut JSON")]
    [DataRow("not json", null, "JSON", DisplayName = "no JSON")]
    [DataRow("", null, "JSON", DisplayName = "nothing")]
    [DataRow("[]", null, "object", DisplayName = "a list")]
    [DataRow("null", null, "object", DisplayName = "null")]
    [DataRow("""{"input": "x"}""", "model", "/v1/models", DisplayName = "no model")]
    [DataRow("""{"model": 7, "input": "x"}""", "model", "string", DisplayName = "model is a number")]
    [DataRow("""{"model": "tiny-bert"}""", "input", "missing", DisplayName = "no input")]
    [DataRow("""{"model": "tiny-bert", "input": null}""", "input", "missing", DisplayName = "null input")]
    [DataRow("""{"model": "tiny-bert", "input": 7}""", "input", "input must be", DisplayName = "input is a number")]
    [DataRow("""{"model": "tiny-bert", "input": {"text": "x"}}""", "input", "input must be", DisplayName = "input is an object")]
    [DataRow("""{"model": "tiny-bert", "input": ""}""", "input", "input[0] is empty", DisplayName = "empty text")]
    [DataRow("""{"model": "tiny-bert", "input": []}""", "input", "empty list", DisplayName = "empty list")]
    [DataRow("""{"model": "tiny-bert", "input": ["x", ""]}""", "input", "input[1] is empty", DisplayName = "empty text in a list")]
    [DataRow("""{"model": "tiny-bert", "input": ["x", 7]}""", "input", "input[1]", DisplayName = "texts and numbers mixed")]
    [DataRow("""{"model": "tiny-bert", "input": [null]}""", "input", "input[0]", DisplayName = "null in a list")]
    [DataRow("""{"model": "tiny-bert", "input": ["\ud83d"]}""", "input", "Unicode", DisplayName = "half a surrogate pair")]
    [DataRow("""{"model": "tiny-bert", "input": [[]]}""", "input", "input[0]", DisplayName = "no token ids")]
    [DataRow("""{"model": "tiny-bert", "input": [5, 100257]}""", "input", "input[0][1]", DisplayName = "another tokenizer's ids")]
    [DataRow("""{"model": "tiny-bert", "input": [[5], [-1]]}""", "input", "check_embedding_ctx_length=False", DisplayName = "a negative id")]
    [DataRow("""{"model": "tiny-bert", "input": [1.5]}""", "input", "whole numbers", DisplayName = "a fraction")]
    [DataRow("""{"model": "tiny-bert", "input": [[5, "x"]]}""", "input", "token ids only", DisplayName = "text among ids")]
    [DataRow("""{"model": "tiny-bert", "input": "x", "encoding_format": "int8"}""", "encoding_format", "base64", DisplayName = "unknown format")]
    [DataRow("""{"model": "tiny-bert", "input": "x", "encoding_format": 1}""", "encoding_format", "string", DisplayName = "format is a number")]
    [DataRow("""{"model": "tiny-bert", "input": "x", "dimensions": 16}""", "dimensions", "32", DisplayName = "other dimensions")]
    [DataRow("""{"model": "tiny-bert", "input": "x", "dimensions": "32"}""", "dimensions", "whole number", DisplayName = "dimensions in quotes")]
    [DataRow("""{"model": "tiny-bert", "input": "x", "user": {}}""", "user", "string", DisplayName = "user is an object")]
    public async Task A_bad_body_is_a_clear_400(string body, string? param, string says)
    {
        using var response = await PostAsync(body);
        var error = await ErrorAsync(response, HttpStatusCode.BadRequest);
        Assert.AreEqual("invalid_request_error", (string)error["type"]!);
        Assert.AreEqual(param, (string?)error["param"]);
        StringAssert.Contains((string)error["message"]!, says);
    }

    [TestMethod]
    public async Task More_texts_than_OpenAI_takes_are_a_400()
    {
        using var response = await s_doors.Http.PostAsJsonAsync("/v1/embeddings", new { model = Model, input = Enumerable.Repeat("x", 2049) });
        StringAssert.Contains((string)(await ErrorAsync(response, HttpStatusCode.BadRequest))["message"]!, "2048");
    }

    [TestMethod]
    public async Task Another_model_is_a_404_with_its_code()
    {
        using var response = await PostAsync("""{"model": "text-embedding-3-small", "input": "x"}""");
        var error = await ErrorAsync(response, HttpStatusCode.NotFound);
        Assert.AreEqual("model_not_found", (string)error["code"]!);
        Assert.AreEqual("model", (string)error["param"]!);
    }

    [TestMethod]
    public async Task A_body_above_the_limit_is_a_413()
    {
        using var response = await s_doors.Http.PostAsJsonAsync("/v1/embeddings", new { model = Model, input = new string('x', 100_000) });
        Assert.AreEqual("request_too_large", (string)(await ErrorAsync(response, HttpStatusCode.RequestEntityTooLarge))["code"]!);
    }

    [TestMethod]
    public async Task Anything_but_JSON_is_a_415()
    {
        using var content = new StringContent("""{"model": "tiny-bert", "input": "x"}""", Encoding.UTF8, "text/plain");
        using var response = await s_doors.Http.PostAsync("/v1/embeddings", content);
        await ErrorAsync(response, HttpStatusCode.UnsupportedMediaType);
    }

    [TestMethod]
    public async Task Unknown_routes_and_methods_have_the_same_shape()
    {
        using var route = await s_doors.Http.PostAsync("/v1/completions", null);
        await ErrorAsync(route, HttpStatusCode.NotFound);
        using var method = await s_doors.Http.GetAsync("/v1/embeddings");
        await ErrorAsync(method, HttpStatusCode.MethodNotAllowed);
    }

    [TestMethod]
    public async Task Models_can_be_listed_and_looked_up()
    {
        var list = (await s_doors.Http.GetFromJsonAsync<JsonObject>("/v1/models"))!;
        var model = list["data"]!.AsArray().Single()!;
        Assert.AreEqual(Model, (string)model["id"]!);
        Assert.AreEqual(TestModel.Hidden, (int)model["dimensions"]!);
        Assert.AreEqual(Model, (string)(await s_doors.Http.GetFromJsonAsync<JsonObject>($"/v1/models/{Model}@{model["revision"]}"))!["id"]!);
        using var unknown = await s_doors.Http.GetAsync("/v1/models/nobody");
        await ErrorAsync(unknown, HttpStatusCode.NotFound);
    }

    [TestMethod]
    [DataRow(null, HttpStatusCode.Unauthorized, DisplayName = "nobody")]
    [DataRow("forged", HttpStatusCode.Unauthorized, DisplayName = "a forged caller")]
    [DataRow(Permissions.Write, HttpStatusCode.Forbidden, DisplayName = "a caller who may only write")]
    [DataRow(Permissions.Read, HttpStatusCode.OK, DisplayName = "a caller who may read")]
    [DataRow(Permissions.Admin, HttpStatusCode.OK, DisplayName = "an administrator")]
    public async Task Only_a_caller_who_may_read_is_served(string? scope, HttpStatusCode expected)
    {
        using var http = new HttpClient { BaseAddress = s_doors.Embedder.Http };
        if (scope is not null)
        {
            http.DefaultRequestHeaders.Add(InternalToken.Header, scope == "forged" ? EmbedderProcess.Token(Permissions.Read)[..^4] + "AAAA" : EmbedderProcess.Token(scope));
        }

        using var response = await http.PostAsJsonAsync("/v1/embeddings", new { model = Model, input = "x" });
        Assert.AreEqual(expected, response.StatusCode);
        if (expected != HttpStatusCode.OK)
        {
            await ErrorAsync(response, expected);
        }
    }

    [TestMethod]
    public async Task Health_is_open_and_names_the_model()
    {
        using var http = new HttpClient { BaseAddress = s_doors.Embedder.Http };
        var report = (await http.GetFromJsonAsync<JsonObject>("/ready"))!;
        Assert.AreEqual("Healthy", (string)report["status"]!);
        StringAssert.StartsWith((string)report["components"]![0]!["description"]!, "tiny-bert@");
    }

    [TestMethod]
    public async Task The_official_client_embeds_and_reads_errors()
    {
        var result = await NodeScript.RunAsync("openai-embeddings.mjs", new Uri(s_doors.Embedder.Http, "/v1").ToString(), Model, EmbedderProcess.Token(Permissions.Read));

        var three = result["three"]!;
        Assert.AreEqual(Model, (string)three["model"]!);
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, three["indexes"]!.AsArray().Select(i => (int)i!).ToArray());
        // The client asks for base64 unless told otherwise; both ways it must decode the same vectors.
        for (var i = 0; i < 3; i++)
        {
            CollectionAssert.AreEqual(Vector(result["floats"]![i]!), Vector(three["vectors"]![i]!));
        }

        CollectionAssert.AreEqual(Vector(three["vectors"]![1]!), Vector(result["one"]!));
        Assert.AreEqual(100, (int)result["hundred"]!["count"]!);
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).ToArray(), result["hundred"]!["indexes"]!.AsArray().Select(i => (int)i!).ToArray());
        Assert.IsTrue(result["hundred"]!["norms"]!.AsArray().All(norm => Math.Abs((double)norm! - 1) < 1e-5));
        Assert.AreEqual(Model, (string)result["models"]![0]!);
        Assert.AreEqual(Model, (string)result["retrieved"]!);
        Assert.AreEqual("NotFoundError model_not_found model", Summary(result["unknownModel"]!));
        Assert.AreEqual("BadRequestError empty_text input", Summary(result["emptyText"]!));
        Assert.AreEqual("BadRequestError  dimensions", Summary(result["dimensions"]!));
        Assert.AreEqual("BadRequestError  input", Summary(result["foreignTokens"]!));
        StringAssert.Contains((string)result["emptyText"]!["message"]!, "input[1] is empty");

        static float[] Vector(JsonNode values) => [.. values.AsArray().Select(x => (float)x!)];

        static string Summary(JsonNode error) => $"{error["name"]} {error["code"]} {error["param"]}";
    }

    private static async Task<JsonObject> EmbedAsync(object request)
    {
        using var response = await s_doors.Http.PostAsJsonAsync("/v1/embeddings", request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, body);
        return JsonNode.Parse(body)!.AsObject();
    }

    private static async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        return await s_doors.Http.PostAsync("/v1/embeddings", content);
    }

    private static async Task<JsonObject> ErrorAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(expected, response.StatusCode, body);
        Assert.AreEqual("application/json", response.Content.Headers.ContentType?.MediaType);
        var error = JsonNode.Parse(body)!["error"]!.AsObject();
        CollectionAssert.AreEquivalent(new[] { "message", "type", "param", "code" }, error.Select(member => member.Key).ToArray());
        Assert.IsFalse(body.Contains("   at ", StringComparison.Ordinal), "a stack trace");
        return error;
    }

    private static float[] Floats(JsonNode data) => [.. data["embedding"]!.AsArray().Select(x => (float)x!)];
}
