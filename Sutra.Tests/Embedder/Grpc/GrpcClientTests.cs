using System.Text.Json.Nodes;
using Sutra.Contracts.Identity;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Grpc;

[TestClass]
[TestCategory("Slow")]
public sealed class GrpcClientTests
{
    /// <summary>One run of the script, which calls everything once; what it saw is checked piece by piece.</summary>
    [TestMethod]
    public async Task The_official_JavaScript_client_calls_streams_times_out_and_cancels()
    {
        using var folder = new TemporaryFolder();
        // Slow on purpose: 1500 long texts take far longer than their deadline.
        RichModel.Write(folder.File("tiny-bert"), layers: 4, maxTokens: 512);
        await using var embedder = await EmbedderProcess.StartAsync(folder.File("tiny-bert"), ("Embedder__Workers", "1"));

        var result = await NodeScript.RunAsync(
            "grpc-embedder.mjs",
            embedder.GrpcAddress,
            Path.Combine(Repository.Root, "Sutra.Contracts", "Protos", "embedding.proto"),
            EmbedderProcess.Token(Permissions.Read),
            embedder.Http.ToString().TrimEnd('/'));

        var info = result["info"]!;
        Assert.AreEqual($"tiny-bert@{info["revision"]}", (string)info["model"]!);
        Assert.AreEqual(TestModel.Hidden, (int)info["dimensions"]!);
        Assert.AreEqual(512, (int)info["max_tokens"]!);

        var unary = result["unary"]!;
        Assert.AreEqual((string)info["model"]!, (string)unary["model"]!);
        Assert.AreEqual(2, unary["embeddings"]!.AsArray().Count);
        Assert.AreEqual(TestModel.Hidden, unary["embeddings"]![0]!["values"]!.AsArray().Count);
        Assert.AreEqual(9, (int)unary["embeddings"]![0]!["token_count"]!);

        var codes = result["codes"]!;
        var bytes = codes["bytes"]!.AsArray().Select(x => (int)(sbyte)(int)x!).ToArray();
        Assert.HasCount(8, bytes);
        Assert.AreEqual(127, bytes.Max(Math.Abs));
        Assert.AreEqual("empty_text", (string)codes["embeddings"]![1]!["error"]!["code"]!);
        Assert.IsGreaterThan(0, (double)codes["timings"]!["total_ms"]!);
        var prompted = result["prompted"]!["embeddings"]![0]!["values"]!.Floats();
        Assert.IsTrue(prompted.Zip(bytes).All(pair => pair.Second == 0 || Math.Sign(pair.First) == Math.Sign(pair.Second)));
        StringAssert.Contains((string)result["badDimensions"]!["details"]!, "32, 16, 8");
        Assert.AreEqual("INVALID_ARGUMENT", (string)result["badType"]!["code"]!);
        StringAssert.StartsWith((string)result["uncut"]!["details"]!, "texts[1] is longer");
        CollectionAssert.AreEqual(
            new[] { (0, 1), (2, 5), (6, 9) },
            result["tokens"]!["texts"]![0]!["tokens"]!.AsArray().Select(token => ((int)token!["start"]!, (int)token["stop"]!)).ToArray());
        CollectionAssert.AreEqual(new[] { 32, 16, 8 }, result["named"]!["allowed_dimensions"]!.AsArray().Select(d => (int)d!).ToArray());
        Assert.AreEqual("tiny-bert", (string)result["named"]!["models"]!.AsArray().Single(model => (bool)model!["is_default"]!)!["name"]!);

        Assert.AreEqual("UNAUTHENTICATED", (string)result["anonymous"]!["code"]!);
        Assert.AreEqual("NOT_FOUND", (string)result["unknownModel"]!["code"]!);
        Assert.AreEqual("INVALID_ARGUMENT", (string)result["empty"]!["code"]!);
        StringAssert.Contains((string)result["empty"]!["details"]!, "texts[1]");

        var answers = result["stream"]!["answers"]!.AsArray();
        CollectionAssert.AreEqual(Enumerable.Range(0, 300).ToArray(), answers.Select(a => (int)a!["id"]!).Order().ToArray());
        Assert.IsTrue(answers.All(a => (int)a!["id"]! == 7
            ? (string)a["error"]! == "The text is empty." && (int)a["length"]! == 0
            : (int)a["length"]! == TestModel.Hidden));

        Assert.AreEqual("DEADLINE_EXCEEDED", (string)result["deadline"]!["code"]!);
        Assert.IsTrue((int)result["deadline"]!["took"]! < 4000);
        Assert.AreEqual("CANCELLED", (string)result["cancelled"]!["code"]!);
        Assert.AreEqual("CANCELLED", (string)result["cancelledStream"]!["code"]!);
        foreach (var given in new[] { "deadline", "cancelled", "cancelledStream" })
        {
            Assert.IsNotNull((JsonNode?)result[given]!["drained"], $"{given}: texts that nobody waits for stayed in the queue");
        }

        Assert.AreEqual(1, result["after"]!["embeddings"]!.AsArray().Count);
    }
}
