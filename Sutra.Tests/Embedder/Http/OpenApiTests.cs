using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sutra.Tests.Embedder.Support;

namespace Sutra.Tests.Embedder.Http;

[TestClass]
[TestCategory("Slow")]
public sealed class OpenApiTests
{
    private static JsonObject s_document = null!;

    [ClassInitialize]
    public static async Task LoadAsync(TestContext context)
    {
        await using var embedder = await EmbedderProcess.StartAsync();
        using var anybody = new HttpClient { BaseAddress = embedder.Http };
        s_document = (await anybody.GetFromJsonAsync<JsonObject>("/openapi/v1.json"))!;
    }

    [TestMethod]
    [DataRow("/v1/embeddings", "post", "application/json", "model,input,encoding_format,dimensions,user,input_type,prompt_name,truncate,truncation_side,embedding_type,priority,preference,on_error", "object,data,model,usage")]
    [DataRow("/v1/embeddings/batch", "post", "application/json", "model,input,encoding_format,dimensions", "object,data,model,usage")]
    [DataRow("/embeddings/batch", "post", "application/json", "model,input,encoding_format,dimensions", "object,data,model,usage")]
    [DataRow("/embeddings/stream", "post", "application/x-ndjson", "id,text", "id,index,embedding,tokens,truncated,error")]
    [DataRow("/v1/embeddings/stream", "post", "application/x-ndjson", "id,text", "id,index,embedding,tokens,truncated,error")]
    [DataRow("/embed", "post", "application/json", "inputs,normalize,truncate,prompt_name,dimensions", null)]
    [DataRow("/embed_all", "post", "application/json", "inputs,truncate,prompt_name", null)]
    [DataRow("/tokenize", "post", "application/json", "inputs,add_special_tokens,prompt_name", null)]
    [DataRow("/decode", "post", "application/json", "ids,skip_special_tokens", null)]
    [DataRow("/similarity", "post", "application/json", "source_sentence,sentences", null)]
    [DataRow("/v1/models", "get", null, null, "object,data")]
    [DataRow("/v1/models/{id}", "get", null, null, "id,object,created,owned_by,revision,dimensions,allowed_dimensions,max_tokens,loaded,default")]
    [DataRow("/info", "get", null, null, "model_id,model_sha,dimensions,allowed_dimensions,max_input_length,hardware,queue,models,version,selection")]
    public void Each_route_says_what_it_takes_and_answers(string path, string method, string? type, string? takes, string? answers)
    {
        var operation = s_document["paths"]?[path]?[method] ?? throw new AssertFailedException($"{path} is not there: {string.Join(", ", s_document["paths"]!.AsObject().Select(p => p.Key))}");
        if (takes is not null)
        {
            var body = Resolve(operation["requestBody"]!["content"]![type!]!["schema"]!);
            CollectionAssert.IsSubsetOf(takes.Split(','), Members(body));
        }

        var success = operation["responses"]!["200"]!["content"]!.AsObject().Single().Value!["schema"]!;
        if (answers is null)
        {
            Assert.AreEqual("array", (string)Resolve(success)["type"]!);
        }
        else
        {
            CollectionAssert.IsSubsetOf(answers.Split(','), Members(Resolve(success)));
        }

        foreach (var status in new[] { "400", "401", "413", "429", "503" })
        {
            Assert.AreEqual(
                path.StartsWith("/v1", StringComparison.Ordinal) ? "application/json" : "application/problem+json",
                operation["responses"]![status]!["content"]!.AsObject().Single().Key);
        }
    }

    [TestMethod]
    public void Nothing_is_referred_to_that_is_not_there_and_nothing_else_is_listed()
    {
        Assert.HasCount(13, s_document["paths"]!.AsObject());
        Check(s_document);

        static void Check(JsonNode? node)
        {
            if (node is JsonObject all)
            {
                if (all["$ref"] is JsonValue reference)
                {
                    Assert.IsNotNull(Resolve(all), reference.ToString());
                }

                foreach (var (_, value) in all)
                {
                    Check(value);
                }
            }
            else if (node is JsonArray list)
            {
                foreach (var value in list)
                {
                    Check(value);
                }
            }
        }
    }

    [TestMethod]
    public void Words_and_kinds_of_input_are_told()
    {
        var schemas = s_document["components"]!["schemas"]!;
        var body = schemas["EmbeddingsBody"]!;
        CollectionAssert.IsSubsetOf(new[] { "model", "input" }, body["required"]!.AsArray().Select(name => (string)name!).ToArray());
        Assert.HasCount(4, Resolve(body["properties"]!["input"]!)["anyOf"]!.AsArray());
        StringAssert.Contains(schemas.ToJsonString(), "\"ubinary\"");
    }

    private static string[] Members(JsonNode schema) => [.. schema["properties"]!.AsObject().Select(member => member.Key)];

    private static JsonNode Resolve(JsonNode schema) =>
        schema["$ref"] is { } reference ? s_document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]! : schema;
}
