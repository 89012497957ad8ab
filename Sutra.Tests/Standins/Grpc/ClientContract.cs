using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Sutra.Tests.Standins.GrpcRuntime;

/// <summary>What our client does with any server of the probe service; run against our own and against grpc-js.</summary>
public abstract class ClientContract
{
    private GrpcChannel _channel = null!;

    private protected abstract string Address { get; }

    private protected Probe.ProbeClient Client { get; private set; } = null!;

    [TestInitialize]
    public void Connect()
    {
        _channel = GrpcChannel.ForAddress(Address);
        Client = new Probe.ProbeClient(_channel);
    }

    [TestCleanup]
    public void Disconnect() => _channel?.Dispose();

    [TestMethod]
    public async Task A_unary_call_brings_its_response_and_an_ok_status()
    {
        using var call = Client.UnaryAsync(new ProbeRequest { Text = "grüß dich", Count = 7 });
        var reply = await call;

        Assert.AreEqual("grüß dich", reply.Text);
        Assert.AreEqual(7, reply.Number);
        Assert.AreEqual(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [TestMethod]
    public void A_blocking_unary_call_returns_its_response() =>
        Assert.AreEqual("hi", Client.Unary(new ProbeRequest { Text = "hi" }).Text);

    [TestMethod]
    public async Task Text_and_binary_metadata_go_both_ways()
    {
        byte[] bytes = [0, 200, 44, 255, 10];
        var sent = new Metadata { { "x-in", "one" }, { "x-in", "two" }, { "x-in-bin", bytes }, { "X-In-Case", "upper" } };
        using var call = Client.UnaryAsync(new ProbeRequest { Act = "metadata" }, sent);

        var headers = await call.ResponseHeadersAsync;
        await call;
        var trailers = call.GetTrailers();

        Assert.AreEqual("early", headers.GetValue("x-head"));
        CollectionAssert.AreEqual(new byte[] { 0, 1, 255 }, headers.GetValueBytes("x-head-bin"));
        Assert.AreEqual("one,two", string.Join(',', trailers.GetAll("x-out").SelectMany(entry => entry.Value.Split(',', StringSplitOptions.TrimEntries))));
        CollectionAssert.AreEqual(bytes, trailers.GetValueBytes("x-out-bin"));
        Assert.AreEqual("upper", trailers.GetValue("x-out-case"));
        Assert.IsNull(trailers.Get("grpc-status"));
    }

    [TestMethod]
    public async Task An_error_brings_status_detail_and_trailers()
    {
        using var call = Client.UnaryAsync(new ProbeRequest { Act = "fail" });
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await call);

        Assert.AreEqual(StatusCode.InvalidArgument, error.StatusCode);
        Assert.AreEqual(ProbeService.OddDetail, error.Status.Detail);
        Assert.AreEqual("because", error.Trailers.GetValue("x-why"));
        CollectionAssert.AreEqual(new byte[] { 8, 3, 18, 3, 98, 97, 100 }, error.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.AreEqual(StatusCode.InvalidArgument, call.GetStatus().StatusCode);
        Assert.AreEqual("because", call.GetTrailers().GetValue("x-why"));
    }

    [TestMethod]
    public async Task A_method_that_the_server_lacks_is_unimplemented()
    {
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await Client.NothingAsync(new ProbeRequest()));
        Assert.AreEqual(StatusCode.Unimplemented, error.StatusCode);
    }

    [TestMethod]
    public async Task A_service_that_the_server_lacks_is_unimplemented()
    {
        var unmapped = new Unmapped.UnmappedClient(_channel);
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await unmapped.NothingAsync(new ProbeRequest()));
        Assert.AreEqual(StatusCode.Unimplemented, error.StatusCode);
    }

    [TestMethod]
    public async Task A_deadline_ends_a_call_on_both_sides()
    {
        // On a busy machine a deadline may pass before the server has the call; then a later one must do.
        for (var milliseconds = 200; ; milliseconds *= 4)
        {
            var waiting = await CountAsync("waiting");
            var cancelled = await CountAsync("cancelled");
            var watch = Stopwatch.StartNew();
            var error = await Assert.ThrowsExactlyAsync<RpcException>(
                async () => await Client.UnaryAsync(new ProbeRequest { Act = "wait" }, deadline: DateTime.UtcNow.AddMilliseconds(milliseconds)));

            Assert.AreEqual(StatusCode.DeadlineExceeded, error.StatusCode);
            Assert.IsGreaterThanOrEqualTo(milliseconds - 10, watch.ElapsedMilliseconds);
            if (await CountAsync("waiting") > waiting || milliseconds > 10_000)
            {
                await WaitForAsync("cancelled", cancelled + 1);
                return;
            }
        }
    }

    [TestMethod]
    public async Task A_deadline_in_the_past_sends_nothing()
    {
        var error = await Assert.ThrowsExactlyAsync<RpcException>(
            async () => await Client.UnaryAsync(new ProbeRequest(), deadline: DateTime.UtcNow.AddSeconds(-1)));
        Assert.AreEqual(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    [TestMethod]
    public async Task The_server_knows_the_deadline()
    {
        var remaining = await Client.UnaryAsync(new ProbeRequest { Act = "deadline" }, deadline: DateTime.UtcNow.AddSeconds(90));
        Assert.IsInRange(60_000, 90_100, remaining.Number);
        Assert.AreEqual(-1, (await Client.UnaryAsync(new ProbeRequest { Act = "deadline" })).Number);
    }

    [TestMethod]
    public async Task A_cancelled_unary_call_is_cancelled_on_the_server()
    {
        var before = await CountAsync("cancelled");
        var waiting = await CountAsync("waiting");
        using var source = new CancellationTokenSource();
        var call = Client.UnaryAsync(new ProbeRequest { Act = "wait" }, cancellationToken: source.Token);
        await WaitForAsync("waiting", waiting + 1);
        await source.CancelAsync();
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await call);

        Assert.AreEqual(StatusCode.Cancelled, error.StatusCode);
        Assert.AreEqual("Call canceled by the client.", error.Status.Detail);
        await WaitForAsync("cancelled", before + 1);
    }

    [TestMethod]
    public async Task Requests_stream_to_one_response()
    {
        using var call = Client.Collect();
        for (var i = 1; i <= 1000; i++)
        {
            await call.RequestStream.WriteAsync(new ProbeRequest { Count = i });
        }

        await call.RequestStream.CompleteAsync();
        Assert.AreEqual(500_500, (await call).Number);
        Assert.AreEqual(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [TestMethod]
    public async Task A_request_stream_that_the_server_refuses_ends_with_the_servers_status()
    {
        using var call = Client.Collect();
        await call.RequestStream.WriteAsync(new ProbeRequest { Act = "fail" });
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await call);

        Assert.AreEqual(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.AreEqual("full", error.Trailers.GetValue("x-why"));
        var write = await Assert.ThrowsExactlyAsync<RpcException>(() => call.RequestStream.WriteAsync(new ProbeRequest()));
        Assert.AreEqual(StatusCode.ResourceExhausted, write.StatusCode);
    }

    [TestMethod]
    public async Task Responses_stream_in_order_to_their_end()
    {
        using var call = Client.Expand(new ProbeRequest { Count = 1000, Text = "row" });
        var expected = 0;
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
        {
            Assert.AreEqual(expected++, reply.Number);
            Assert.AreEqual("row", reply.Text);
        }

        Assert.AreEqual(1000, expected);
        Assert.AreEqual(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.IsFalse(await call.ResponseStream.MoveNext());
    }

    [TestMethod]
    public async Task An_empty_response_stream_just_ends()
    {
        using var call = Client.Expand(new ProbeRequest());
        Assert.IsFalse(await call.ResponseStream.MoveNext());
        Assert.AreEqual(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [TestMethod]
    public async Task An_error_after_some_responses_comes_after_them()
    {
        using var call = Client.Expand(new ProbeRequest { Count = 3, Act = "fail" });
        var read = 0;
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext())
            {
                read++;
            }
        });

        Assert.AreEqual(3, read);
        Assert.AreEqual(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.AreEqual("dry", error.Trailers.GetValue("x-why"));
        Assert.AreEqual("dry", call.GetTrailers().GetValue("x-why"));
    }

    [TestMethod]
    public async Task A_response_stream_that_is_left_is_cancelled_on_the_server()
    {
        var before = await CountAsync("cancelled");
        using (var call = Client.Expand(new ProbeRequest { Count = 1, Act = "wait" }))
        {
            Assert.IsTrue(await call.ResponseStream.MoveNext());
        }

        await WaitForAsync("cancelled", before + 1);
    }

    [TestMethod]
    public async Task A_deadline_ends_an_idle_response_stream()
    {
        using var call = Client.Expand(new ProbeRequest { Count = 1, Act = "wait" }, deadline: DateTime.UtcNow.AddMilliseconds(1500));
        Assert.IsTrue(await call.ResponseStream.MoveNext());
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await call.ResponseStream.MoveNext());
        Assert.AreEqual(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    [TestMethod]
    public async Task Cancelling_a_read_cancels_the_call()
    {
        using var call = Client.Expand(new ProbeRequest { Count = 1, Act = "wait" });
        Assert.IsTrue(await call.ResponseStream.MoveNext());
        using var source = new CancellationTokenSource(100);
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await call.ResponseStream.MoveNext(source.Token));
        Assert.AreEqual(StatusCode.Cancelled, error.StatusCode);
        Assert.AreEqual(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    [TestMethod]
    public async Task A_duplex_call_answers_each_message_before_the_next_is_sent()
    {
        using var call = Client.Chat();
        Assert.AreEqual("chat", (await call.ResponseHeadersAsync).GetValue("x-head"));
        for (var i = 0; i < 200; i++)
        {
            await call.RequestStream.WriteAsync(new ProbeRequest { Count = i, Text = $"m{i}" });
            Assert.IsTrue(await call.ResponseStream.MoveNext());
            Assert.AreEqual($"m{i}", call.ResponseStream.Current.Text);
        }

        await call.RequestStream.CompleteAsync();
        Assert.IsFalse(await call.ResponseStream.MoveNext());
        Assert.AreEqual(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [TestMethod]
    public async Task An_error_in_a_duplex_call_reaches_its_reader()
    {
        using var call = Client.Chat();
        await call.RequestStream.WriteAsync(new ProbeRequest { Act = "fail" });
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await call.ResponseStream.MoveNext());
        Assert.AreEqual(StatusCode.Aborted, error.StatusCode);
        Assert.AreEqual("hung up", error.Status.Detail);
        Assert.AreEqual("rude", error.Trailers.GetValue("x-why"));
    }

    [TestMethod]
    public async Task A_disposed_duplex_call_is_cancelled_on_the_server()
    {
        var before = await CountAsync("cancelled");
        var call = Client.Chat();
        await call.RequestStream.WriteAsync(new ProbeRequest { Act = "wait" });
        Assert.IsTrue(await call.ResponseStream.MoveNext());
        call.Dispose();

        Assert.AreEqual(StatusCode.Cancelled, call.GetStatus().StatusCode);
        await WaitForAsync("cancelled", before + 1);
    }

    [TestMethod]
    public async Task Four_megabytes_go_both_ways_and_more_is_refused_by_the_receiver()
    {
        const int Limit = 4 * 1024 * 1024;
        var payload = ByteString.CopyFrom(Enumerable.Range(0, Limit - 64).Select(i => (byte)(i * 31)).ToArray());
        Assert.AreEqual(payload, (await Client.UnaryAsync(new ProbeRequest { Payload = payload })).Payload);

        var tooLargeResponse = await Assert.ThrowsExactlyAsync<RpcException>(
            async () => await Client.UnaryAsync(new ProbeRequest { Size = Limit + 1 }));
        Assert.AreEqual(StatusCode.ResourceExhausted, tooLargeResponse.StatusCode);

        var tooLargeRequest = await Assert.ThrowsExactlyAsync<RpcException>(
            async () => await Client.UnaryAsync(new ProbeRequest { Payload = ByteString.CopyFrom(new byte[Limit + 1]) }));
        Assert.AreEqual(StatusCode.ResourceExhausted, tooLargeRequest.StatusCode);
        StringAssert.StartsWith(tooLargeRequest.Status.Detail, "Received message");

        // The connection is none the worse for it.
        Assert.AreEqual("ok", (await Client.UnaryAsync(new ProbeRequest { Text = "ok" })).Text);
    }

    [TestMethod]
    public async Task A_message_beyond_the_senders_limit_is_not_sent()
    {
        using var channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { MaxSendMessageSize = 100 });
        var client = new Probe.ProbeClient(channel);
        var request = new ProbeRequest { Payload = ByteString.CopyFrom(new byte[101]) };
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await client.UnaryAsync(request));
        Assert.AreEqual(StatusCode.ResourceExhausted, error.StatusCode);

        using var stream = client.Collect();
        var write = await Assert.ThrowsExactlyAsync<RpcException>(() => stream.RequestStream.WriteAsync(request));
        Assert.AreEqual(StatusCode.ResourceExhausted, write.StatusCode);
        await stream.RequestStream.WriteAsync(new ProbeRequest { Count = 5 });
        await stream.RequestStream.CompleteAsync();
        Assert.AreEqual(5, (await stream).Number);
    }

    [TestMethod]
    public async Task Compressed_requests_and_responses_are_understood()
    {
        var text = string.Concat(Enumerable.Repeat("the same again ", 2000));
        var reply = await Client.UnaryAsync(
            new ProbeRequest { Act = "compress", Text = text }, new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        Assert.AreEqual(text, reply.Text);
    }

    [TestMethod]
    public async Task Many_calls_share_a_channel()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
            (await Client.UnaryAsync(new ProbeRequest { Count = i, Text = $"call {i}" })).Number));
        CollectionAssert.AreEqual(Enumerable.Range(0, 1000).Select(i => (long)i).ToArray(), replies);
    }

    /// <summary>The server's count of calls <c>waiting</c> or <c>cancelled</c> so far.</summary>
    private async Task<long> CountAsync(string what) => (await Client.UnaryAsync(new ProbeRequest { Act = what })).Number;

    private async Task WaitForAsync(string what, long expected)
    {
        var watch = Stopwatch.StartNew();
        while (await CountAsync(what) < expected)
        {
            Assert.IsLessThan(TimeSpan.FromSeconds(20), watch.Elapsed, $"The server never counted a call as {what}.");
            await Task.Delay(10);
        }
    }
}
