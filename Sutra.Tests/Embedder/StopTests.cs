using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;
using Sutra.Contracts.Embedding.V1;
using Sutra.Contracts.Identity;
using Sutra.Embedder.Grpc;
using Sutra.Embedder.Http;
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

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Texts_that_a_stream_has_read_are_answered_when_the_embedder_stops(bool isAll)
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var embedder = new InProcessEmbedder(folder.Path);
        using var stopping = new CancellationTokenSource();
        var answers = new Answers(stopping.Token);

        using var call = new EmbedStreamCall(embedder.Pipeline, new BodyBudget(Options.Create(new DoorOptions())), CancellationToken.None, stopping.Token);
        var stream = call.RunAsync(new Texts(3, isAll, stopping), answers);

        if (isAll)
        {
            await stream;
        }
        else
        {
            Assert.AreEqual(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => stream)).StatusCode);
        }

        CollectionAssert.AreEquivalent(new long[] { 1, 2, 3 }, answers.Ids);
    }

    /// <summary>Some texts; then the embedder stops, and the stream has ended or stays open.</summary>
    private sealed class Texts(int count, bool ends, CancellationTokenSource stopping) : IAsyncStreamReader<EmbedStreamRequest>
    {
        private int _read;

        public EmbedStreamRequest Current { get; private set; } = new();

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (++_read <= count)
            {
                Current = new EmbedStreamRequest { Id = _read, Text = "the cat" };
                return true;
            }

            await stopping.CancelAsync();
            if (!ends)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return false;
        }
    }

    /// <summary>A client that takes no answer before the embedder stops.</summary>
    private sealed class Answers(CancellationToken stopping) : IServerStreamWriter<EmbedStreamResponse>
    {
        public List<long> Ids { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public async Task WriteAsync(EmbedStreamResponse message)
        {
            var stopped = new TaskCompletionSource();
            await using (stopping.Register(stopped.SetResult))
            {
                await stopped.Task;
            }

            Ids.Add(message.Id);
        }

        public Task WriteAsync(EmbedStreamResponse message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
