using Grpc.Core;
using Microsoft.Extensions.Options;
using Sutra.Contracts.Embedding.V1;
using Sutra.Embedder.Grpc;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Tokenization;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Grpc;

/// <summary>What a stream may have under way. Its only worker is held up, so that nothing is answered before the test says so.</summary>
[TestClass]
public sealed class EmbedStreamCallTests
{
    [TestMethod]
    [DataRow(10, 64, DisplayName = "short texts by their number")]
    [DataRow(100_000, 32, DisplayName = "long ones by their bytes")]
    [DataRow(5_000_000, 1, DisplayName = "the longest one by one")]
    public async Task So_much_of_a_stream_is_read_at_a_time(int length, int read)
    {
        using var test = new Stream(count: 100, length, new DoorOptions());
        var run = test.Call.RunAsync(test.Texts, test.Answers);
        Assert.AreEqual(read, test.Texts.Read);

        test.Model.MayEnd.Set();
        await run;
        CollectionAssert.AreEquivalent(Enumerable.Range(1, 100).ToArray(), test.Answers.Ids);
        Assert.AreEqual(0, test.Budget.UnderWay);
    }

    [TestMethod]
    public async Task Beyond_what_all_may_have_under_way_together_it_ends_when_what_was_read_is_answered()
    {
        using var test = new Stream(count: 100, length: 300_000, new DoorOptions { MaxBodyBytesUnderWay = 1 << 20 });
        var run = test.Call.RunAsync(test.Texts, test.Answers);
        Assert.AreEqual(4, test.Texts.Read);
        Assert.IsTrue(test.Budget.UnderWay is > 900_000 and < 1 << 20);

        test.Model.MayEnd.Set();
        var end = await Assert.ThrowsExactlyAsync<RpcException>(() => run);

        Assert.AreEqual(StatusCode.ResourceExhausted, end.StatusCode);
        StringAssert.Contains(end.Status.Detail, "under way");
        Assert.AreEqual("1000", end.Trailers.GetValue(GrpcErrors.RetryAfter));
        CollectionAssert.AreEquivalent(new[] { 1, 2, 3 }, test.Answers.Ids);
        Assert.AreEqual(0, test.Budget.UnderWay);
    }

    private sealed class Stream : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly InProcessEmbedder _embedder;

        public Stream(int count, int length, DoorOptions options)
        {
            TestModel.Write(_folder.Path, maxTokens: 8);
            _embedder = new InProcessEmbedder(_folder.Path, embedder => embedder.Workers = 1);
            _ = _embedder.Engine.RunAsync(new EmbeddingRequest(Model, new TokenBuffer(), [new TokenRange(0, 1, false)]));
            Model.Begun.Wait();
            Budget = new BodyBudget(Options.Create(options));
            Call = new EmbedStreamCall(_embedder.Pipeline, Budget, CancellationToken.None, CancellationToken.None);
            Texts = new Requests(count, string.Concat(Enumerable.Repeat("the cat ", 1 + (length / 8)))[..length]);
        }

        public SlowModel Model { get; } = new();

        public BodyBudget Budget { get; }

        public EmbedStreamCall Call { get; }

        public Requests Texts { get; }

        public Responses Answers { get; } = new();

        public void Dispose()
        {
            Model.MayEnd.Set();
            Call.Dispose();
            _embedder.Dispose();
            _folder.Dispose();
        }
    }

    private sealed class Requests(int count, string text) : IAsyncStreamReader<EmbedStreamRequest>
    {
        public int Read { get; private set; }

        public EmbedStreamRequest Current => new() { Id = Read, Text = text };

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(Read < count && ++Read > 0);
    }

    private sealed class Responses : IServerStreamWriter<EmbedStreamResponse>
    {
        public List<int> Ids { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(EmbedStreamResponse message)
        {
            Assert.AreEqual("", message.Error);
            Ids.Add((int)message.Id);
            return Task.CompletedTask;
        }

        public Task WriteAsync(EmbedStreamResponse message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
