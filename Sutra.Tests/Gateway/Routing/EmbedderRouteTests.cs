using System.Net;
using System.Net.Http.Json;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway.Routing;

/// <summary>The real embedder behind the gateway.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class EmbedderRouteTests
{
    private static TemporaryFolder s_folder = null!;
    private static EmbedderProcess s_embedder = null!;
    private static GatewayHost s_gateway = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        s_folder = new TemporaryFolder();
        s_embedder = await EmbedderProcess.StartAsync(RichModel.Write(s_folder.File(RichModel.Name)), ("Identity__Key", GatewayHost.IdentityKey));
        s_gateway = await GatewayHost.StartAsync(
            embedder: s_embedder.Http,
            embedderGrpc: new Uri($"http://{s_embedder.GrpcAddress}"),
            settings: new Dictionary<string, string>(StringComparer.Ordinal) { ["Gateway:MaxBodyBytes"] = "10000" });
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await s_gateway.DisposeAsync();
        await s_embedder.DisposeAsync();
        s_folder.Dispose();
    }

    [TestMethod]
    [DataRow("/v1/embeddings", """{"model": "tiny-bert", "input": "the cat"}""")]
    [DataRow("/v1/embeddings/batch", """{"input": ["the cat"]}""")]
    [DataRow("/embeddings/batch", """{"input": ["the cat"]}""")]
    [DataRow("/embed", """{"inputs": "the cat"}""")]
    [DataRow("/embed_all", """{"inputs": "the cat"}""")]
    [DataRow("/tokenize", """{"inputs": "the cat"}""")]
    [DataRow("/decode", """{"ids": [5, 6]}""")]
    [DataRow("/similarity", """{"source_sentence": "the cat", "sentences": ["the dog"]}""")]
    public async Task Every_route_of_the_embedder_is_reached_with_a_key_only(string route, string body)
    {
        using (var nobody = await s_gateway.Anonymous.PostBodyAsync(route, body))
        {
            Assert.AreEqual(HttpStatusCode.Unauthorized, nobody.StatusCode);
        }

        await s_gateway.Client.CallAsync(route, body);
        using var bad = await s_gateway.Client.PostBodyAsync(route, """{"dimensions": []}""");
        Assert.AreEqual(HttpStatusCode.BadRequest, bad.StatusCode);
    }

    [TestMethod]
    public async Task Info_and_models_are_reached()
    {
        Assert.AreEqual("tiny-bert", (string)(await s_gateway.Client.GetFromJsonAsync<System.Text.Json.Nodes.JsonObject>("/info"))!["model_id"]!);
        Assert.HasCount(1, (await s_gateway.Client.GetFromJsonAsync<System.Text.Json.Nodes.JsonObject>("/v1/models"))!["data"]!.AsArray());
    }

    [TestMethod]
    [DataRow("/embeddings/stream")]
    [DataRow("/v1/embeddings/stream")]
    public async Task A_stream_goes_both_ways_at_once_and_beyond_the_limit_of_other_bodies(string route)
    {
        await using var call = await NdjsonCall.StartAsync(s_gateway.Address, route, $"Authorization: Bearer {s_gateway.Key}");
        for (var i = 0; i < 3; i++)
        {
            await call.SendAsync($"{{\"id\": {i}, \"text\": \"the cat {i}\"}}\n");
            if (i == 0)
            {
                // YARP sends the head with the first piece of the body.
                await call.ReadHeadAsync();
                Assert.AreEqual(200, call.Status, call.Headers);
            }

            Assert.AreEqual(i, (int)(await call.ReadAsync())!["id"]!);
        }

        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await call.SendAsync($"\"{string.Join(' ', Enumerable.Repeat("the cat", 20))}\"\n");
            }

            await call.EndAsync();
        });
        Assert.HasCount(200, await call.ReadAllAsync());
        await sending;
    }
}
