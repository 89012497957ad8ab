using System.Text.Json;
using MSTestAssert = Microsoft.VisualStudio.TestTools.UnitTesting.Assert;

namespace Sutra.Tests.Gateway;

internal static class ErrorShape
{
    /// <summary>The answer is an error in the shape that belongs to its path, with a trace id and without anything internal.</summary>
    /// <param name="code">What the code is under <c>/v1</c>; null asks for nothing.</param>
    public static void Assert(HttpResponseMessage response, string body, string? code)
    {
        var json = JsonDocument.Parse(body).RootElement;
        if (response.RequestMessage!.RequestUri!.AbsolutePath.StartsWith("/v1", StringComparison.OrdinalIgnoreCase))
        {
            MSTestAssert.AreEqual("application/json", response.Content.Headers.ContentType?.MediaType);
            var error = json.GetProperty("error");
            MSTestAssert.AreEqual((int)response.StatusCode >= 500 ? "server_error" : "invalid_request_error", error.GetProperty("type").GetString());
            MSTestAssert.AreEqual(JsonValueKind.Null, error.GetProperty("param").ValueKind);
            MSTestAssert.AreNotEqual("", error.GetProperty("message").GetString());
            StringAssert.Matches(error.GetProperty("trace_id").GetString(), new("^[0-9a-f]{32}$"));
            if (code is not null)
            {
                MSTestAssert.AreEqual(code, error.GetProperty("code").GetString());
            }
        }
        else
        {
            MSTestAssert.AreEqual("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            MSTestAssert.AreEqual((int)response.StatusCode, json.GetProperty("status").GetInt32());
            MSTestAssert.AreNotEqual("", json.GetProperty("title").GetString());
            MSTestAssert.AreNotEqual("", json.GetProperty("detail").GetString());
            StringAssert.Matches(json.GetProperty("traceId").GetString(), new("^[0-9a-f]{32}$"));
        }

        foreach (var secret in new[] { "127.0.0.1", "localhost", "Exception", " at Sutra", " at System", "sutra_0", "services:" })
        {
            MSTestAssert.DoesNotContain(secret, body);
        }
    }
}
