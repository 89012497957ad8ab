using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sutra.Api.OpenApi;
using Sutra.Contracts.Api;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.OpenApi;

[TestClass]
public sealed partial class OpenApiTests
{
    private const string Renew = "SUTRA_RENEW_OPENAPI=1 dotnet test -c Release Sutra.Tests --filter FullyQualifiedName~Api.OpenApi";

    private static List<string> s_mapped = null!;
    private static string s_text = null!;
    private static JsonNode s_document = null!;

    private static string Committed => Path.Combine(Repository.Root, "docs", "openapi", "sutra.json");

    [ClassInitialize]
    public static async Task LoadAsync(TestContext _)
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var anybody = api.Anonymous();
        s_text = (await anybody.GetStringAsync("/openapi/v1.json")).ReplaceLineEndings("\n").TrimEnd() + "\n";
        s_document = JsonNode.Parse(s_text)!;
        s_mapped = [.. api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("api/", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}"))
            .Order(StringComparer.Ordinal)];
    }

    [TestMethod]
    public async Task The_committed_document_is_the_one_that_is_served()
    {
        if (Environment.GetEnvironmentVariable("SUTRA_RENEW_OPENAPI") == "1")
        {
            await File.WriteAllTextAsync(Committed, s_text);
        }

        var committed = (await File.ReadAllTextAsync(Committed)).ReplaceLineEndings("\n");
        var difference = committed.Split('\n').Zip(s_text.Split('\n')).Select((lines, i) => (Line: i + 1, lines.First, lines.Second)).FirstOrDefault(pair => pair.First != pair.Second);
        Assert.IsTrue(
            committed == s_text,
            $"The API is no longer what docs/openapi/sutra.json says (line {difference.Line}: \"{difference.First?.Trim()}\" is \"{difference.Second?.Trim()}\" now). If that is meant, renew it: {Renew}");
    }

    [TestMethod]
    public void Every_endpoint_is_in_it_and_nothing_else()
    {
        Assert.IsNotEmpty(s_mapped);
        CollectionAssert.AreEqual(
            s_mapped,
            Operations().Select(operation => operation.Key).Where(key => key.Contains(" /api/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList(),
            "Sutra.Api/OpenApi/ApiOperations.cs lists what each endpoint takes and gives.");
    }

    [TestMethod]
    public void Every_operation_says_what_it_is_what_it_takes_and_gives_who_may_and_how_it_fails()
    {
        foreach (var (key, operation) in Operations())
        {
            Assert.IsNotNull(operation["summary"], key);
            Assert.IsNotNull(operation["operationId"], key);
            var responses = operation["responses"]!.AsObject();
            var success = responses.Single(response => response.Key[0] == '2');
            Assert.IsTrue(success.Key == "204" || success.Value!["content"]!.AsObject().All(media => media.Value!["schema"] is JsonObject), key);
            if (key.StartsWith("POST", StringComparison.Ordinal) && operation["requestBody"] is null)
            {
                Assert.MatchesRegex("/(pause|resume|cancel|retry)$", key);
            }

            if (!key.Contains(" /api/", StringComparison.Ordinal))
            {
                continue;
            }

            CollectionAssert.Contains(new[] { "embedding.read", "embedding.write", "admin" }, (string?)operation["x-permission"], key);
            foreach (var status in new[] { "401", "403", "500", "503" }.Concat(operation["requestBody"] is null ? [] : ["400", "413", "415"]).Concat(key.Contains('{') ? ["404"] : []))
            {
                var content = responses[status]?["content"]?["application/problem+json"] ?? throw new AssertFailedException($"{key} {status}");
                Assert.AreEqual("#/components/schemas/Problem", (string?)content["schema"]?["$ref"], $"{key} {status}");
            }
        }

        Assert.AreEqual("bearer", (string?)s_document["components"]!["securitySchemes"]!["key"]!["scheme"]);
        Assert.HasCount(1, s_document["security"]!.AsArray());
    }

    [TestMethod]
    public void Fields_tell_what_they_are_and_their_limits()
    {
        var learn = Schema("LearnRequest");
        CollectionAssert.AreEqual(new[] { "content" }, learn["required"]!.AsArray().Select(name => (string)name!).ToList());
        var content = learn["properties"]!["content"]!;
        Assert.AreEqual("string", (string?)content["type"], "null is refused");
        Assert.AreEqual(1024 * 1024, (int)content["maxLength"]!);
        StringAssert.Contains((string?)content["description"], "1 MiB");
        Assert.AreEqual("#/components/schemas/AssociationContract", (string?)learn["properties"]!["associations"]!["items"]!["$ref"]);
        Assert.AreEqual(100, (int)Schema("QueryRequest")["properties"]!["top_k"]!["maximum"]!);
        Assert.AreEqual("integer", (string?)Schema("QueryRequest")["properties"]!["top_k"]!["type"], "not a string, too");
    }

    [TestMethod]
    public void Nothing_is_referred_to_that_is_not_there_and_nothing_tells_of_this_machine()
    {
        var schemas = s_document["components"]!["schemas"]!.AsObject();
        foreach (Match reference in References().Matches(s_text))
        {
            Assert.IsTrue(schemas.ContainsKey(reference.Groups["name"].Value), reference.Value);
        }

        Assert.DoesNotContain("127.0.0.1", s_text);
        Assert.DoesNotContain("localhost", s_text);
        Assert.DoesNotContain(Repository.Root, s_text);
    }

    [TestMethod]
    public void Examples_are_what_the_api_reads()
    {
        var strict = new JsonSerializerOptions(ApiJson.Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };
        strict.TypeInfoResolverChain.Add(JobJson.Default);
        foreach (var operation in ApiOperations.All.Where(operation => operation.Example is not null))
        {
            Assert.IsNotNull(JsonSerializer.Deserialize(operation.Example!, operation.Body!.Type, strict), operation.Key);
        }
    }

    [TestMethod]
    public async Task Every_call_is_in_the_file_of_calls_and_every_call_there_is_one()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs", "sutra.http"));
        var calls = lines.Select(line => Calls().Match(line)).Where(match => match.Success).Select(match => (Method: match.Groups["method"].Value, Path: match.Groups["path"].Value)).ToList();
        var operations = Operations().Select(operation => operation.Key.Split(' ')).Select(parts => (Method: parts[0], Path: parts[1])).ToList();
        Assert.IsEmpty(operations.Where(operation => !calls.Exists(call => Fits(call, operation))), "docs/sutra.http lacks some");

        // The embedder has a document of its own.
        var own = calls.Where(call => !call.Path.StartsWith("/v1/", StringComparison.Ordinal) && !call.Path.StartsWith("/openapi/", StringComparison.Ordinal));
        Assert.IsEmpty(own.Where(call => !operations.Exists(operation => Fits(call, operation))), "docs/sutra.http has some that there are not");
    }

    private static bool Fits((string Method, string Path) call, (string Method, string Path) operation)
    {
        var (given, path) = (call.Path.Split('/'), operation.Path.Split('/'));
        return call.Method == operation.Method && given.Length == path.Length
            && given.Zip(path).All(pair => pair.First == pair.Second || (pair.Second.StartsWith('{') && pair.First.Length > 0));
    }

    private static IEnumerable<(string Key, JsonNode Operation)> Operations() => s_document["paths"]!.AsObject()
        .SelectMany(path => path.Value!.AsObject().Select(operation => ($"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value!)));

    private static JsonNode Schema(string name) => s_document["components"]!["schemas"]![name]!;

    [GeneratedRegex("\"#/components/schemas/(?<name>[^\"]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex References();

    [GeneratedRegex(@"^(?<method>[A-Z]+) \{\{address\}\}(?<path>/[^? ]*)", RegexOptions.NonBacktracking)]
    private static partial Regex Calls();
}
