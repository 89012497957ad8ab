using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grpc.Core;

namespace Sutra.Tests.Api.Learning;

[TestClass]
public sealed class BatchTests
{
    private static ApiUnderTest s_api = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => s_api = await ApiUnderTest.StartAsync(
        ("Learning:MaxBatchBytes", "20000"), ("Learning:MaxBatchItems", "300"), ("Learning:GroupItems", "10"));

    [ClassCleanup]
    public static async Task StopAsync() => await s_api.DisposeAsync();

    [TestMethod]
    [DataRow("application/x-ndjson", "application/x-ndjson")]
    [DataRow("application/jsonl", "application/x-ndjson")]
    [DataRow("application/json", "application/json")]
    public async Task Each_item_has_its_result_in_order_in_the_shape_of_the_request(string media, string answered)
    {
        var items = Enumerable.Range(0, 123).Select(i => i % 10 == 3 ? """{"content":""}""" : $$$"""{"content":"{{{media}}} fact {{{i}}}","metadata":{"n":"{{{i}}}"}}""").ToList();
        var body = media == "application/json" ? $"[{string.Join(" , ", items)}]" : string.Join('\n', items);
        using var response = await PostAsync(body, media);
        Assert.AreEqual(answered, response.Content.Headers.ContentType?.MediaType);
        var results = await ResultsAsync(response);
        Assert.HasCount(123, results);
        for (var i = 0; i < results.Count; i++)
        {
            Assert.AreEqual(i, results[i].GetProperty("index").GetInt32());
            Assert.AreEqual(media == "application/json" ? "" : $"{i + 1}", results[i].GetProperty("line").ToString());
            if (i % 10 == 3)
            {
                Assert.AreEqual("content", results[i].GetProperty("error").GetProperty("field").GetString());
                continue;
            }

            Assert.IsTrue(results[i].GetProperty("created").GetBoolean());
            Assert.AreEqual($"{i}", s_api.Storage.Service.Concepts[results[i].GetProperty("concept_id").GetString()!].Metadata["n"]);
        }
    }

    [TestMethod]
    [DataRow("""{"content":"secret""", "invalid_json", null)]
    [DataRow("""{"content":"a"} trailing""", "invalid_json", null)]
    [DataRow("secret", "invalid_json", null)]
    [DataRow("null", "invalid_json", null)]
    [DataRow("[]", "invalid_json", null)]
    [DataRow("\"secret\"", "invalid_json", null)]
    [DataRow("""{"content":"half \ud800 pair"}""", "invalid_json", null)]
    [DataRow("""{}""", "invalid_request", "content")]
    [DataRow("""{"content":null}""", "invalid_request", "content")]
    [DataRow("""{"content":17}""", "invalid_request", "content")]
    [DataRow("""{"content":"a","metadata":"secret"}""", "invalid_request", "metadata")]
    [DataRow("""{"content":"a","metadata":{"secret":1}}""", "invalid_request", "metadata")]
    [DataRow("""{"content":"a","associations":[{"concept_id":"secret"}]}""", "invalid_request", "associations[0].concept_id")]
    [DataRow("""{"content":"a","owner":7}""", "invalid_request", "owner")]
    [DataRow("""{"content":"a","id":"secret"}""", "invalid_request", "id")]
    [DataRow("""{"content":"a","id":"0123456789abcdef"}""", "concept_not_found", "id")]
    [DataRow("""{"content":"a","collection":"secret"}""", "invalid_request", "collection")]
    public async Task A_line_that_is_wrong_is_an_error_of_that_line_with_its_number_and_field(string line, string code, string? field)
    {
        using var response = await PostAsync($"{{\"content\":\"Before.\"}}\n\n  \r\n{line}\n{{\"content\":\"After.\"}}\n", "application/x-ndjson");
        var text = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("secret", text);
        var results = await ResultsAsync(response);
        Assert.HasCount(3, results);
        Assert.AreEqual((1, 4, 5), (Line(results[0]), Line(results[1]), Line(results[2])), "empty lines count, and are nothing");
        var error = results[1].GetProperty("error");
        Assert.AreEqual((code, field), (error.GetProperty("code").GetString(), error.GetProperty("field").GetString()), text);
        Assert.IsGreaterThan(0, error.GetProperty("message").GetString()!.Length);
        Assert.AreEqual(JsonValueKind.Null, results[2].GetProperty("error").ValueKind);
        static int Line(JsonElement result) => result.GetProperty("line").GetInt32();
    }

    [TestMethod]
    [DataRow("application/json", "{\"content\":\"a\"}", HttpStatusCode.BadRequest, "invalid_json")]
    [DataRow("application/json", "", HttpStatusCode.BadRequest, "invalid_json")]
    [DataRow("application/json", "secret", HttpStatusCode.BadRequest, "invalid_json")]
    [DataRow("text/plain", "{}", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    [DataRow("application/x-ndjson; charset=utf-16", "{}", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    public async Task What_is_no_batch_at_all_is_a_problem(string media, string body, HttpStatusCode status, string code)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", media);
        var problem = await s_api.ProblemAsync("/api/learn/batch", content, status);
        Assert.AreEqual(code, problem.GetProperty("code").GetString());
        Assert.DoesNotContain("secret", problem.GetRawText());
    }

    [TestMethod]
    [DataRow("?collection=No!", "collection")]
    [DataRow("?collection=", "collection")]
    [DataRow("?collection=a&collection=b", "collection")]
    [DataRow("?owner=a&owner=b", "owner")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        var problem = await s_api.ProblemAsync($"/api/learn/batch{query}", ApiUnderTest.Json("[]"), HttpStatusCode.BadRequest);
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
    }

    [TestMethod]
    public async Task An_array_that_breaks_off_tells_so_after_what_was_learned()
    {
        var results = await ResultsAsync(await PostAsync("""[{"content":"Whole one."},{"content":"Broken""", "application/json"));
        Assert.HasCount(2, results);
        Assert.AreEqual(JsonValueKind.Null, results[0].GetProperty("error").ValueKind);
        Assert.AreEqual("invalid_json", results[1].GetProperty("error").GetProperty("code").GetString());
        Assert.IsEmpty(await ResultsAsync(await PostAsync("[]", "application/json")));
    }

    [TestMethod]
    public async Task Too_many_items_and_too_many_bytes_end_a_batch_with_an_error()
    {
        var many = await ResultsAsync(await PostAsync(string.Join('\n', Enumerable.Repeat("""{"content":"x y"}""", 400)), "application/x-ndjson"));
        Assert.HasCount(301, many);
        Assert.AreEqual("too_many_items", many[^1].GetProperty("error").GetProperty("code").GetString());
        Assert.AreEqual(JsonValueKind.Null, many[^2].GetProperty("error").ValueKind);

        var large = string.Join('\n', Enumerable.Range(0, 50).Select(i => $$"""{"content":"{{i}} {{new string('x', 1000)}}"}"""));
        Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(large, "application/x-ndjson")).StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/learn/batch") { Content = ApiUnderTest.Json(large, "application/x-ndjson") };
        request.Headers.TransferEncodingChunked = true;
        using var response = await s_api.Http.SendAsync(request);
        var results = await ResultsAsync(response);
        Assert.AreEqual("body_too_large", results[^1].GetProperty("error").GetProperty("code").GetString());
    }

    [TestMethod]
    public async Task A_component_that_is_away_is_a_503_before_anything_was_learned_and_an_error_of_the_items_after()
    {
        await using var api = await ApiUnderTest.StartAsync(("Learning:GroupItems", "1"));
        api.Storage.Service.LearnFails = new Grpc.Core.Status(StatusCode.Unavailable, "away");
        api.Storage.Service.LearnFailsFor = content => content != "One.";
        var items = (string[] contents) => ApiUnderTest.Json(string.Join('\n', contents.Select(content => $$"""{"content":"{{content}}"}""")), "application/x-ndjson");
        var problem = await api.ProblemAsync("/api/learn/batch", items(["Two.", "Three."]), HttpStatusCode.ServiceUnavailable);
        Assert.AreEqual("storage_unavailable", problem.GetProperty("code").GetString());

        using var response = await api.Http.PostAsync("/api/learn/batch", items(["One.", "Two.", "Three."]));
        var results = await ResultsAsync(response);
        CollectionAssert.AreEqual(
            new[] { null, "storage_unavailable", "storage_unavailable" },
            results.Select(result => result.GetProperty("error") is { ValueKind: JsonValueKind.Object } error ? error.GetProperty("code").GetString() : null).ToArray());
        Assert.IsTrue(results[2].GetProperty("error").GetProperty("retryable").GetBoolean());
    }

    [TestMethod]
    public async Task Owner_and_collection_of_the_query_reach_the_storage_and_an_items_own_owner_wins()
    {
        s_api.Storage.Service.Collections.Put("papers", "");
        await s_api.ProblemAsync("/api/learn/batch?collection=nowhere", ApiUnderTest.Json("""[{"content":"Lost."}]"""), HttpStatusCode.NotFound);
        using var response = await s_api.Http.PostAsync(
            "/api/learn/batch?collection=papers&owner=anna",
            ApiUnderTest.Json("""[{"content":"Annas."},{"content":"Bens.","owner":"ben"}]"""));
        var results = await ResultsAsync(response);
        var stored = results.Select(result => s_api.Storage.Service.Concepts[result.GetProperty("concept_id").GetString()!]).ToList();
        CollectionAssert.AreEqual(new[] { "anna", "ben" }, stored.Select(concept => concept.Owner).ToArray());
        Assert.AreEqual("papers", s_api.Storage.Service.LearnedIn.Last());
    }

    private static async Task<HttpResponseMessage> PostAsync(string body, string media)
    {
        var content = new StringContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(media);
        return await s_api.Http.PostAsync("/api/learn/batch", content);
    }

    internal static async Task<IReadOnlyList<JsonElement>> ResultsAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, body);
        return response.Content.Headers.ContentType?.MediaType == "application/json"
            ? [.. JsonDocument.Parse(body).RootElement.EnumerateArray()]
            : [.. body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
