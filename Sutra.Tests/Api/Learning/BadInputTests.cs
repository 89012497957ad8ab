using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Sutra.Contracts.Concepts;
using Sutra.Gateway;

namespace Sutra.Tests.Api.Learning;

[TestClass]
public sealed class BadInputTests
{
    private static ApiUnderTest s_api = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => s_api = await ApiUnderTest.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await s_api.DisposeAsync();

    [TestMethod]
    [DataRow("/api/learn", "", "invalid_json")]
    [DataRow("/api/learn", "   ", "invalid_json")]
    [DataRow("/api/learn", "content=hello", "invalid_json")]
    [DataRow("/api/learn", "{\"content\":\"secret", "invalid_json")]
    [DataRow("/api/learn", "{\"content\":\"a\"} {\"content\":\"b\"}", "invalid_json")]
    [DataRow("/api/learn", "{\"content\":\"a\"} trailing", "invalid_json")]
    [DataRow("/api/learn", "null", "invalid_json")]
    [DataRow("/api/learn", "[]", "invalid_json")]
    [DataRow("/api/learn", "[{\"content\":\"a\"}]", "invalid_json")]
    [DataRow("/api/learn", "\"secret\"", "invalid_json")]
    [DataRow("/api/learn", "{\"content\":\"half \\ud800 pair\"}", "invalid_json")]
    [DataRow("/api/learn", "{\"content\":'a'}", "invalid_json")]
    [DataRow("/api/query", "{", "invalid_json")]
    public async Task A_body_that_is_no_JSON_object_is_a_400(string path, string body, string code)
    {
        var problem = await s_api.ProblemAsync(path, ApiUnderTest.Json(body), HttpStatusCode.BadRequest);
        Assert.AreEqual(code, problem.GetProperty("code").GetString());
        Assert.DoesNotContain("secret", problem.GetRawText());
    }

    [TestMethod]
    [DataRow("/api/learn", "{}", "content")]
    [DataRow("/api/learn", "{\"content\":null}", "content")]
    [DataRow("/api/learn", "{\"content\":\"\"}", "content")]
    [DataRow("/api/learn", "{\"content\":\" \\n\\t \"}", "content")]
    [DataRow("/api/learn", "{\"content\":17}", "content")]
    [DataRow("/api/learn", "{\"content\":[\"secret\"]}", "content")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"metadata\":\"secret\"}", "metadata")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"metadata\":[1]}", "metadata")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"metadata\":{\"secret\":1}}", "metadata")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"metadata\":{\"secret\":null}}", "metadata")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"metadata\":{\"\":\"v\"}}", "metadata")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"associations\":{}}", "associations")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"associations\":[7]}", "associations")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"associations\":[null]}", "associations[0]")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"associations\":[{\"concept_id\":\"secret\"}]}", "associations[0].concept_id")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"associations\":[{\"concept_id\":\"0123456789abcdef\",\"weight\":1.5}]}", "associations[0].weight")]
    [DataRow("/api/learn", "{\"content\":\"a\",\"associations\":[{\"concept_id\":\"0123456789abcdef\",\"type\":\"\"}]}", "associations[0].type")]
    [DataRow("/api/query", "{}", "query")]
    [DataRow("/api/query", "{\"query\":\"  \"}", "query")]
    [DataRow("/api/query", "{\"query\":{\"secret\":1}}", "query")]
    [DataRow("/api/query", "{\"query\":\"a\",\"top_k\":0}", "top_k")]
    [DataRow("/api/query", "{\"query\":\"a\",\"top_k\":101}", "top_k")]
    [DataRow("/api/query", "{\"query\":\"a\",\"top_k\":\"many\"}", "top_k")]
    [DataRow("/api/query", "{\"query\":\"a\",\"top_k\":2.5}", "top_k")]
    [DataRow("/api/query", "{\"query\":\"a\",\"top_k\":null}", "top_k")]
    public async Task A_field_that_is_wrong_is_named(string path, string body, string field)
    {
        var problem = await s_api.ProblemAsync(path, ApiUnderTest.Json(body), HttpStatusCode.BadRequest);
        Assert.AreEqual("invalid_request", problem.GetProperty("code").GetString());
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(field, out var errors), problem.GetRawText());
        Assert.AreEqual(JsonValueKind.Array, errors.ValueKind);
        Assert.DoesNotContain("secret", problem.GetRawText());
    }

    [TestMethod]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var body = JsonContent.Create(new
        {
            content = "",
            metadata = Enumerable.Range(0, 65).ToDictionary(i => $"key{i}", i => i == 0 ? new string('v', 4097) : "v"),
            associations = Enumerable.Range(0, 65).Select(_ => new { concept_id = "0123456789abcdef" }),
        });
        var problem = await s_api.ProblemAsync("/api/learn", body, HttpStatusCode.BadRequest);
        var errors = problem.GetProperty("errors");
        Assert.AreEqual(1, errors.GetProperty("content").GetArrayLength());
        Assert.AreEqual(2, errors.GetProperty("metadata").GetArrayLength());
        Assert.AreEqual(1, errors.GetProperty("associations").GetArrayLength());
    }

    [TestMethod]
    public async Task Content_up_to_1_MiB_is_learnt_and_one_byte_more_is_not()
    {
        var most = new string('a', (1024 * 1024) - 2) + "é";
        using var accepted = await s_api.Http.PostAsJsonAsync("/api/learn", new { content = most });
        Assert.AreEqual(HttpStatusCode.Created, accepted.StatusCode);
        var problem = await s_api.ProblemAsync("/api/learn", JsonContent.Create(new { content = most + "a" }), HttpStatusCode.BadRequest);
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty("content", out _));
    }

    [TestMethod]
    public async Task Everything_at_its_limit_is_learnt_even_with_every_character_escaped()
    {
        var key = (int i) => $"{i:d2}" + new string('k', ConceptLimits.MetadataKey - 2);
        var metadata = string.Join(',', Enumerable.Range(0, ConceptLimits.MetadataPairs).Select(i => $"\"{Escaped(key(i))}\":\"{Escaped(new string('v', ConceptLimits.MetadataValue))}\""));
        var edge = $$"""{"concept_id":"0123456789abcdef","type":"{{Escaped(new string('t', ConceptLimits.AssociationType))}}","weight":0.123456789}""";
        var body = $$"""
            {
              "content": "{{Escaped(new string('a', ConceptLimits.Content))}}",
              "metadata": {{{metadata}}},
              "associations": [{{string.Join(',', Enumerable.Repeat(edge, ConceptLimits.Associations))}}]
            }
            """;
        using var response = await s_api.Http.PostAsync("/api/learn", ApiUnderTest.Json(body));
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode, await response.Content.ReadAsStringAsync());
        Assert.AreEqual(ConceptLimits.RequestBody, new GatewayOptions().MaxBodyBytes, "the gateway lets through what the api takes");

        static string Escaped(string text) => string.Concat(text.Select(c => $"\\u{(int)c:x4}"));
    }

    // The storage counts bytes, so that is what the api must count.
    [TestMethod]
    [DataRow(257, 1, 1, "metadata")]
    [DataRow(1, 4097, 1, "metadata")]
    [DataRow(1, 1, 65, "associations[0].type")]
    public async Task Limits_are_bytes_of_UTF_8(int key, int value, int type, string field)
    {
        string Text(int bytes) => new string('é', bytes / 2) + new string('e', bytes % 2);
        object Body(int less) => new
        {
            content = $"Limits {field}",
            metadata = new Dictionary<string, string> { [Text(Math.Max(1, key - less))] = Text(Math.Max(1, value - less)) },
            associations = new[] { new { concept_id = "0123456789abcdef", type = Text(Math.Max(1, type - less)) } },
        };
        var problem = await s_api.ProblemAsync("/api/learn", JsonContent.Create(Body(0)), HttpStatusCode.BadRequest);
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
        using var response = await s_api.Http.PostAsJsonAsync("/api/learn", Body(1));
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_body_of_10_MB_is_a_413_that_the_sender_gets_to_see_and_the_service_goes_on(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/learn")
        {
            Content = ApiUnderTest.Json($"{{\"content\":\"{new string('a', 10_000_000)}\"}}"),
        };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await s_api.Http.SendAsync(request);
        var problem = await ApiUnderTest.ProblemAsync(response, HttpStatusCode.RequestEntityTooLarge);
        Assert.AreEqual("body_too_large", problem.GetProperty("code").GetString());
        await s_api.LearnAsync($"After too much, chunked: {chunked}.");
    }

    [TestMethod]
    [DataRow("text/plain")]
    [DataRow("application/x-www-form-urlencoded")]
    [DataRow("application/json; charset=utf-16")]
    public async Task Another_content_type_is_a_415(string mediaType)
    {
        var body = new ByteArrayContent(Encoding.UTF8.GetBytes("{\"content\":\"a\"}"));
        body.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        var problem = await s_api.ProblemAsync("/api/learn", body, HttpStatusCode.UnsupportedMediaType);
        Assert.AreEqual("unsupported_media_type", problem.GetProperty("code").GetString());
    }

    [TestMethod]
    public async Task Bytes_that_are_no_text_are_a_400()
    {
        var body = new ByteArrayContent([.. "{\"content\":\""u8, 0xFF, 0xC0, .. "\"}"u8]);
        body.Headers.ContentType = new("application/json");
        var problem = await s_api.ProblemAsync("/api/learn", body, HttpStatusCode.BadRequest);
        Assert.AreEqual("invalid_json", problem.GetProperty("code").GetString());
    }

    [TestMethod]
    public async Task Unknown_members_are_ignored_whatever_their_shape()
    {
        using var response = await s_api.Http.PostAsync(
            "/api/learn", ApiUnderTest.Json("""{"content":"Known.","colour":{"deep":[1,{"er":null}]},"embedding":"no"}"""));
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode);
    }

    [TestMethod]
    public async Task A_byte_order_mark_and_a_charset_are_understood()
    {
        var body = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. "{\"content\":\"Marked.\"}"u8]);
        body.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=\"UTF-8\"");
        using var response = await s_api.Http.PostAsync("/api/learn", body);
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    [TestMethod]
    public async Task Unknown_routes_and_methods_are_problems_with_a_code()
    {
        var notFound = await ApiUnderTest.ProblemAsync(await s_api.Http.GetAsync("/api/nothing"), HttpStatusCode.NotFound);
        Assert.AreEqual("not_found", notFound.GetProperty("code").GetString());
        var method = await ApiUnderTest.ProblemAsync(await s_api.Http.GetAsync("/api/learn"), HttpStatusCode.MethodNotAllowed);
        Assert.AreEqual("method_not_allowed", method.GetProperty("code").GetString());
    }

    [TestMethod]
    public async Task Nothing_of_it_was_logged()
    {
        await s_api.ProblemAsync("/api/learn", ApiUnderTest.Json("{\"content\":\"xylophone-secret\",\"metadata\":{\"xylophone-key\":3}}"), HttpStatusCode.BadRequest);
        await s_api.LearnAsync("xylophone-secret two", new { key = "xylophone-value" });
        await s_api.QueryAsync("xylophone-secret three?");
        Assert.DoesNotContain("xylophone", string.Join('\n', s_api.Logs));
    }
}
