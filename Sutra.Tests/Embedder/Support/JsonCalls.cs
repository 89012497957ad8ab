using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Sutra.Tests.Embedder.Support;

/// <summary>Calls of the embedder's routes, with bodies as they stand.</summary>
internal static class JsonCalls
{
    public static async Task<HttpResponseMessage> PostBodyAsync(this HttpClient http, string route, string body, string type = "application/json")
    {
        using var content = new StringContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return await http.PostAsync(route, content);
    }

    /// <summary>The answer's JSON; the test fails when it is not a success.</summary>
    public static async Task<JsonNode> CallAsync(this HttpClient http, string route, string body)
    {
        using var response = await http.PostBodyAsync(route, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>What an error says, whichever of the two shapes belongs to its route; fails when it has the other, or none.</summary>
    public static async Task<(string Message, string? Parameter, string? Code)> ErrorAsync(this HttpResponseMessage response, HttpStatusCode expected)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(expected, response.StatusCode, body);
        Assert.IsFalse(body.Contains("   at ", StringComparison.Ordinal), "a stack trace");
        var json = JsonNode.Parse(body)!.AsObject();
        if (response.RequestMessage!.RequestUri!.AbsolutePath.StartsWith("/v1/", StringComparison.Ordinal))
        {
            Assert.AreEqual("application/json", response.Content.Headers.ContentType?.MediaType);
            var error = json["error"]!.AsObject();
            CollectionAssert.AreEquivalent(new[] { "message", "type", "param", "code" }, error.Select(member => member.Key).ToArray());
            return ((string)error["message"]!, (string?)error["param"], (string?)error["code"]);
        }

        Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.AreEqual((int)expected, (int)json["status"]!);
        StringAssert.Matches((string)json["traceId"]!, new("^[0-9a-f]{32}$"));
        return ((string)json["detail"]!, (string?)json["param"], (string?)json["code"]);
    }

    public static float[] Floats(this JsonNode vector) => [.. vector.AsArray().Select(x => (float)x!)];
}
