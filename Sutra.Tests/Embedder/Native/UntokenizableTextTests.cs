using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Sutra.Contracts.Embedding.V1;
using Sutra.Contracts.Identity;
using Sutra.Tests.Embedder.Support;

namespace Sutra.Tests.Embedder.Native;

/// <summary>A model whose own pattern backtracks without end on some texts.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class UntokenizableTextTests
{
    private static readonly string Hostile = new string('a', 200) + "!";

    private static DoorsUnderTest s_doors = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => s_doors = await DoorsUnderTest.StartAsync(folder =>
    {
        TestModel.Write(folder);
        var tokenizer = TestModel.Tokenizer();
        tokenizer["pre_tokenizer"] = JsonNode.Parse("""{"type": "Split", "pattern": {"Regex": "(?:a|aa)+$|[a-z]+"}, "behavior": "Isolated", "invert": false}""");
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizer.ToJsonString());
    });

    [ClassCleanup]
    public static async Task StopAsync() => await s_doors.DisposeAsync();

    [TestMethod]
    public async Task Tokenize_refuses_it_with_problem_details_and_nothing_before_them()
    {
        using var response = await s_doors.Http.PostBodyAsync("/tokenize", $$"""{"inputs": ["cat", "{{Hostile}}"]}""");
        Assert.AreEqual("untokenizable", (await response.ErrorAsync(HttpStatusCode.BadRequest)).Code);
    }

    [TestMethod]
    public async Task GRPC_calls_it_an_invalid_argument_and_knows_auto()
    {
        using var channel = GrpcChannel.ForAddress($"http://{s_doors.Embedder.GrpcAddress}");
        var client = new Contracts.Embedding.V1.Embedder.EmbedderClient(channel);
        var headers = new Metadata { { InternalToken.Header, EmbedderProcess.Token(Permissions.Read) } };

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.TokenizeAsync(new TokenizeRequest { Texts = { "cat", Hostile } }, headers));
        Assert.AreEqual(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.DoesNotContain("aaa", refused.Status.Detail);

        var tokens = await client.TokenizeAsync(new TokenizeRequest { Model = "auto", Texts = { "cat" } }, headers);
        StringAssert.StartsWith(tokens.Model, RichModel.Name + "@");
        var info = await client.GetInfoAsync(new GetInfoRequest { Model = "auto" }, headers);
        Assert.AreEqual(tokens.Model, info.Model);
    }
}
