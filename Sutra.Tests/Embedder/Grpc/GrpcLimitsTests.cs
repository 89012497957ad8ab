using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;
using Sutra.Contracts.Embedding.V1;
using Sutra.Contracts.Identity;
using Sutra.Embedder.Grpc;
using Sutra.Embedder.Http;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Grpc;

[TestClass]
public sealed class GrpcLimitsTests
{
    [TestMethod]
    public async Task What_has_come_of_a_message_counts_until_it_is_taken()
    {
        var budget = new BodyBudget(Options.Create(new DoorOptions { MaxBodyBytesUnderWay = 1000 }));
        var (first, second) = (new Pipe(), new Pipe());
        using var one = new CountedPipeReader(first.Reader, budget);
        using var other = new CountedPipeReader(second.Reader, budget);
        await first.Writer.WriteAsync(new byte[600]);
        await second.Writer.WriteAsync(new byte[600]);
        var read = await one.ReadAsync();
        one.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Assert.AreEqual(600, budget.UnderWay, "half a message is still there");

        var refusal = await Assert.ThrowsExactlyAsync<RpcException>(async () => await other.ReadAsync());
        Assert.AreEqual(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.AreEqual("1000", refusal.Trailers.GetValue(GrpcErrors.RetryAfter));
        Assert.AreEqual(600, budget.UnderWay);

        await first.Writer.WriteAsync(new byte[100]);
        read = await one.ReadAsync();
        Assert.AreEqual(700, budget.UnderWay);
        one.AdvanceTo(read.Buffer.GetPosition(650));
        Assert.AreEqual(50, budget.UnderWay);
        one.Dispose();
        Assert.AreEqual(0, budget.UnderWay, "the call is over");
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task A_call_beyond_the_bodies_under_way_is_refused_with_a_time_to_wait_and_others_are_not()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        await using var embedder = await EmbedderProcess.StartAsync(folder.Path, ("Embedder__MaxBodyBytesUnderWay", "1048576"));
        using var channel = GrpcChannel.ForAddress($"http://{embedder.GrpcAddress}");
        var client = new Contracts.Embedding.V1.Embedder.EmbedderClient(channel);
        var headers = new Metadata { { InternalToken.Header, EmbedderProcess.Token(Permissions.Read) } };
        var large = new EmbedRequest { Texts = { new string('a', 2 << 20) } };
        var fitting = new EmbedRequest { Texts = { string.Concat(Enumerable.Repeat("the cat ", 100_000)) } };
        for (var i = 0; i < 5; i++)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.EmbedAsync(large, headers));
            Assert.AreEqual(StatusCode.ResourceExhausted, refused.StatusCode);
            StringAssert.Contains(refused.Status.Detail, "under way");
            Assert.AreEqual("1000", refused.Trailers.GetValue("retry-after-ms"));
            Assert.HasCount(1, (await client.EmbedAsync(fitting, headers)).Embeddings, "what was refused, and what was answered, counts no more");
        }

        using var stream = client.EmbedStream(headers);
        await stream.RequestStream.WriteAsync(new EmbedStreamRequest { Id = 1, Text = "the cat" });
        Assert.IsTrue(await stream.ResponseStream.MoveNext(CancellationToken.None));
        // The server may be done with it while it is still being sent; why, it says in its status.
        await Task.WhenAny(stream.RequestStream.WriteAsync(new EmbedStreamRequest { Id = 2, Text = new string('a', 2 << 20) }));
        var end = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.AreEqual(StatusCode.ResourceExhausted, end.StatusCode);
    }
}
