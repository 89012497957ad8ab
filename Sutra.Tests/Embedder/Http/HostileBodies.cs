using System.Text;

namespace Sutra.Tests.Embedder.Http;

/// <summary>A request that no well-behaved client sends.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Parameter">The field that must be blamed; null: none.</param>
/// <param name="Says">What the message must have in it.</param>
internal sealed record HostileBody(string Route, string Name, byte[] Body, int Status, string? Parameter, string Says)
{
    public string Type { get; init; } = "application/json";

    public string? Encoding { get; init; }

    public override string ToString() => $"{Route}: {Name}";
}

internal static class HostileBodies
{
    /// <summary>Is in the texts, and must be in no answer and no log.</summary>
    public const string Marker = "zqprivatezq";

    private static readonly string[] JsonRoutes = ["/v1/embeddings", "/v1/embeddings/batch", "/embeddings/batch", "/embed", "/embed_all", "/tokenize", "/decode", "/similarity"];

    public static IEnumerable<HostileBody> All => [.. JsonRoutes.SelectMany(NotJson), .. Fields(), .. Inputs(), .. Others(), .. Streams()];

    /// <summary>A body that is right, but for what <paramref name="fields"/> and <paramref name="text"/> put in: JSON both.</summary>
    public static string Right(string route, string text = $"\"{Marker}\"", string fields = "") => route switch
    {
        "/decode" => $$"""{"ids": [5]{{fields}}}""",
        "/similarity" => $$"""{"source_sentence": "x", "sentences": [{{text}}]{{fields}}}""",
        _ when route.EndsWith("embeddings", StringComparison.Ordinal) || route.EndsWith("batch", StringComparison.Ordinal) => $$"""{"model": "tiny-bert", "input": {{text}}{{fields}}}""",
        _ => $$"""{"inputs": {{text}}{{fields}}}""",
    };

    private static IEnumerable<HostileBody> NotJson(string route)
    {
        var right = Right(route);
        yield return Case("nothing", "", "JSON");
        yield return Case("no JSON", $"{Marker} is not JSON", "JSON");
        yield return Case("cut off", right[..^3], "JSON");
        yield return Case("garbage behind", right + Marker, "JSON");
        yield return Case("two objects", right + right, "JSON");
        yield return Case("a list", $"[{right}]", "object");
        yield return Case("null", "null", "object");
        yield return Case("a number", "1e400", "object");
        yield return Case("a text", $"\"{Marker}\"", "object");
        yield return Case("10000 deep", new string('[', 10_000), "JSON");
        yield return Case("10000 deep in a field", right[..^1] + ", \"x\": " + new string('[', 10_000) + new string(']', 10_000) + "}", "JSON");
        yield return Case("twice the same field", right[..^1] + $", \"model\": \"{Marker}\", \"model\": \"tiny-bert\"}}", "JSON");
        yield return Case("a comment", "/* " + Marker + " */" + right, "JSON");
        yield return Case("a comma too many", right[..^1] + ",}", "JSON");
        yield return Case("NaN", right[..^1] + ", \"dimensions\": NaN}", "JSON");
        yield return Case("single quotes", right.Replace('"', '\''), "JSON");
        yield return Case("a raw NUL", right.Replace("{", "{\0", StringComparison.Ordinal), "JSON");
        yield return Case("half a surrogate pair for a name", right[..^1] + ", \"\\ud800\": 1}", "Unicode");
        yield return Case("a name that is not UTF-8", right[..^1] + ", \"\u00ff\u00fe\": 1, \"\u00ff\u00fe\": 1}", "", latin: true);
        yield return new HostileBody(route, "UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(right)], 400, null, "JSON");
        yield return Case("plain text", right, "application/json") with { Status = 415, Type = "text/plain" };
        yield return Case("a form", "input=" + Marker, "application/json") with { Status = 415, Type = "application/x-www-form-urlencoded" };
        yield return Case("an absurd type", right, "application/json") with { Status = 415, Type = $"application/{Marker}; a=b; c=\"d\"" };
        yield return Case("another charset", right, "UTF-8") with { Status = 415, Type = "application/json; charset=utf-16" };
        yield return Case("compressed", right, "Content-Encoding") with { Status = 415, Encoding = "gzip" };
        yield return Case("encoded absurdly", right, "Content-Encoding") with { Status = 415, Encoding = "br, br, br" };

        HostileBody Case(string name, string body, string says, bool latin = false) =>
            new(route, name, (latin ? Encoding.Latin1 : Encoding.UTF8).GetBytes(body), 400, null, says);
    }

    private static IEnumerable<HostileBody> Fields()
    {
        foreach (var route in JsonRoutes)
        {
            foreach (var model in new[] { "7", "[]", "{}", "true", "\"\"", "\"\\ud800\"" })
            {
                yield return Case(route, "model", model, "model", replace: true);
            }

            yield return Case(route, "model", $"\"{Marker}\"", "does not exist", replace: true) with { Status = 404 };
            yield return Case(route, "model", $"\"../../{Marker}\"", "does not exist", replace: true) with { Status = 404 };
            yield return Case(route, "model", $"\"tiny-bert@{Marker}\"", "does not exist", replace: true) with { Status = 404 };
        }

        foreach (var route in JsonRoutes.Where(route => route is not ("/tokenize" or "/decode")))
        {
            foreach (var dimensions in new[] { "0", "-1", "1.5", "\"8\"", "1e400", "99999999999", "true", "[8]" })
            {
                yield return Case(route, "dimensions", dimensions, "whole number");
            }

            yield return Case(route, "input_type", $"\"{Marker}\"", "'query'");
            yield return Case(route, "input_type", "1", "string");
            yield return Case(route, "truncate", "\"yes\"", "true or false");
            yield return Case(route, "truncation_side", "\"up\"", "'left'");
            yield return Case(route, "embedding_type", "\"int4\"", "'int8'");
            yield return Case(route, "priority", "\"now\"", "'bulk'");
            yield return Case(route, "preference", "[]", "string");
            yield return Case(route, "prompt_name", "{}", "string");
            if (route != "/embed_all")
            {
                yield return Case(route, "dimensions", "7", "32, 16, 8");
                yield return Case(route, "dimensions", "4096", "32, 16, 8");
                yield return Case(route, "prompt_name", $"\"{Marker}\"", "query");
            }
        }

        foreach (var route in JsonRoutes.Where(route => route.Contains("embeddings", StringComparison.Ordinal)))
        {
            yield return Case(route, "encoding_format", "\"hex\"", "'base64'");
            yield return Case(route, "encoding_format", "7", "string");
            yield return Case(route, "on_error", "\"ignore\"", "'item'");
            yield return Case(route, "user", "{}", "string");
            yield return Case(route, "output_dtype", "\"float64\"", "'ubinary'");
        }

        static HostileBody Case(string route, string field, string value, string says, bool replace = false)
        {
            var body = Right(route, fields: replace && route.EndsWith("embeddings", StringComparison.Ordinal) || (replace && route.EndsWith("batch", StringComparison.Ordinal)) ? "" : $", \"{field}\": {value}");
            body = replace ? body.Replace("\"model\": \"tiny-bert\"", $"\"model\": {value}", StringComparison.Ordinal) : body;
            return new HostileBody(route, $"{field} is {value}", Encoding.UTF8.GetBytes(body), 400, field, says);
        }
    }

    private static IEnumerable<HostileBody> Inputs()
    {
        foreach (var route in JsonRoutes.Where(route => route != "/decode"))
        {
            var field = route == "/similarity" ? "sentences" : route.Contains("embeddings", StringComparison.Ordinal) ? "input" : "inputs";
            foreach (var (input, says) in new[]
            {
                ("null", field), ("7", field), ("{}", field), ("true", field), ("[null]", field), ("[[null]]", field), ("[true]", field), ($"[{{\"text\": \"{Marker}\"}}]", field),
                ($"[\"{Marker}\", 7]", "[1]"), ($"[\"{Marker}\", null]", "[1]"), ($"[\"{Marker}\", [5]]", "[1]"), ("[[\"x\"]]", field), ("[[[5]]]", field), ("[[5], \"x\"]", "[1]"),
                ("[]", "empty"), ("[[]]", field), ("[[5], []]", field), ("[1.5]", field), ("[1e400]", field), ("[[2147483648]]", field), ("[[-2147483649]]", field),
                ("[" + string.Join(',', Enumerable.Repeat("\"x\"", 1_000_000)) + "]", "1000000"),
            })
            {
                yield return Case(route, field, input, says);
            }

            if (route is "/v1/embeddings" or "/embed" or "/embed_all")
            {
                yield return Case(route, field, "[[-1]]", $"{field}[0][0]");
                yield return Case(route, field, "[[5, 100257]]", $"{field}[0][1]");
                yield return Case(route, field, "[2147483647]", $"{field}[0][0]");
            }

            if (!route.EndsWith("batch", StringComparison.Ordinal))
            {
                yield return Case(route, field, $"[\"x\", \"{Marker}\\ud800\"]", "Unicode");
                yield return Case(route, field, $"[\"{Marker}\\udc00\\ud800\"]", "Unicode");
                yield return Case(route, field, "[\"x\", \"\"]", "[1]");
                yield return new HostileBody(
                    route, "not UTF-8", Encoding.Latin1.GetBytes(Right(route, $"\"{Marker} \u00e4\u00f6\u00fc\u00ff\"")), 400, field, "Unicode");
                yield return new HostileBody(
                    route, "overlong UTF-8", Encoding.Latin1.GetBytes(Right(route, "\"\u00c0\u0080\u00ed\u00a0\u0080\"")), 400, field, "Unicode");
            }
        }

        static HostileBody Case(string route, string field, string input, string says)
        {
            var body = route == "/similarity" ? $$"""{"source_sentence": "x", "sentences": {{input}}}""" : Right(route, input);
            return new HostileBody(route, $"{field} is {(input.Length > 50 ? input[..50] + "…" : input)}", Encoding.UTF8.GetBytes(body), 400, field, says);
        }
    }

    private static IEnumerable<HostileBody> Others()
    {
        foreach (var ids in new[] { "7.5", "null", "\"x\"", "{}", "[]", "[[]]", "[null]", "[\"x\"]", "[-1]", "[1e9]", "[[5], [1e400]]", "[[99999]]", "[5, [5]]" })
        {
            yield return new HostileBody("/decode", $"ids is {ids}", Encoding.UTF8.GetBytes($$"""{"ids": {{ids}}}"""), 400, "ids", "ids");
        }

        yield return Similar("no source", """{"sentences": ["x"]}""", "source_sentence");
        yield return Similar("the source is a list", """{"source_sentence": ["x"], "sentences": ["x"]}""", "source_sentence");
        yield return Similar("the source is empty", """{"source_sentence": "", "sentences": ["x"]}""", "source_sentence");
        yield return Similar("half a surrogate pair", """{"source_sentence": "\ud800", "sentences": ["x"]}""", "source_sentence");
        yield return Similar("inputs is a list", """{"inputs": ["x"]}""", "inputs");
        yield return Similar("parameters is a text", """{"source_sentence": "x", "sentences": ["x"], "parameters": "x"}""", "parameters");
        yield return Similar("sentences is a text", """{"source_sentence": "x", "sentences": "x"}""", "sentences");
        yield return new HostileBody("/v1/embeddings", "no model", Encoding.UTF8.GetBytes($$"""{"input": "{{Marker}}"}"""), 400, "model", "/v1/models");
        yield return new HostileBody("/embed", "normalize is a text", """{"inputs": "x", "normalize": "no"}"""u8.ToArray(), 400, "normalize", "true or false");
        yield return new HostileBody("/tokenize", "special tokens is a number", """{"inputs": "x", "add_special_tokens": 1}"""u8.ToArray(), 400, "add_special_tokens", "true or false");
        yield return new HostileBody(
            "/tokenize", "a novel", Encoding.UTF8.GetBytes($$"""{"inputs": "{{string.Concat(Enumerable.Repeat(Marker, 100_000))}}"}"""), 413, "inputs", "the most");

        static HostileBody Similar(string name, string body, string parameter) => new("/similarity", name, Encoding.UTF8.GetBytes(body), 400, parameter, parameter);
    }

    private static IEnumerable<HostileBody> Streams()
    {
        foreach (var route in new[] { "/embeddings/stream", "/v1/embeddings/stream" })
        {
            yield return new HostileBody(route, "plain text", Encoding.UTF8.GetBytes(Marker), 415, null, "Content-Type") { Type = "text/plain" };
            yield return new HostileBody(route, "compressed", Encoding.UTF8.GetBytes(Marker), 415, null, "Content-Encoding") { Type = "application/x-ndjson", Encoding = "gzip" };
            foreach (var (query, parameter) in new[] { ("dimensions=0", "dimensions"), ("dimensions=1e400", "dimensions"), ("embedding_type=%00", "embedding_type"), ("priority=", "priority") })
            {
                yield return new HostileBody($"{route}?{query}", query, Encoding.UTF8.GetBytes($"\"{Marker}\""), 400, parameter, parameter) { Type = "application/x-ndjson" };
            }

            yield return new HostileBody($"{route}?model={Marker}", "unknown model", "\"x\""u8.ToArray(), 404, "model", "does not exist") { Type = "application/x-ndjson" };
        }
    }
}
