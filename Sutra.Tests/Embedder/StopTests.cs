using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Sutra.Contracts.Embedding.V1;
using Sutra.Contracts.Identity;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder;

[TestClass]
[TestCategory("Slow")]
public sealed class StopTests
{
    [TestMethod]
    public async Task A_stream_that_its_client_leaves_open_does_not_hold_up_the_stop()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        await using var embedder = await EmbedderProcess.StartAsync(folder.Path);
        using var channel = GrpcChannel.ForAddress($"http://{embedder.GrpcAddress}");
        var headers = new Metadata { { InternalToken.Header, EmbedderProcess.Token(Permissions.Read) } };
        using var stream = new Contracts.Embedding.V1.Embedder.EmbedderClient(channel).EmbedStream(headers);
        await stream.RequestStream.WriteAsync(new EmbedStreamRequest { Id = 1, Text = "the cat" });
        Assert.IsTrue(await stream.ResponseStream.MoveNext(CancellationToken.None));

        var watch = Stopwatch.StartNew();
        await embedder.Process.StopAsync();

        Assert.AreEqual(0, embedder.Process.Process.ExitCode, embedder.Process.Output);
        Assert.IsLessThan(5, watch.Elapsed.TotalSeconds);
        var end = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.AreEqual(StatusCode.Unavailable, end.StatusCode);
    }
}
