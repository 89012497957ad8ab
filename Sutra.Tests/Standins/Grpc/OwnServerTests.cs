using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Sutra.Tests.Standins.GrpcRuntime;

[TestClass]
public sealed class OwnServerTests : ClientContract
{
    private static ProbeHost _host = null!;

    private protected override string Address => _host.Address;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => _host = await ProbeHost.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await _host.DisposeAsync();

    [TestMethod]
    public async Task An_exception_of_the_handler_is_unknown_and_keeps_its_text()
    {
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await Client.UnaryAsync(new ProbeRequest { Act = "crash" }));
        Assert.AreEqual(StatusCode.Unknown, error.StatusCode);
        Assert.AreEqual("Exception was thrown by handler.", error.Status.Detail);
    }

    [TestMethod]
    public async Task Detailed_errors_tell_the_exception()
    {
        await using var host = await ProbeHost.StartAsync(options => options.EnableDetailedErrors = true);
        using var channel = host.Channel();
        var error = await Assert.ThrowsExactlyAsync<RpcException>(
            async () => await new Probe.ProbeClient(channel).UnaryAsync(new ProbeRequest { Act = "crash" }));
        Assert.AreEqual("Exception was thrown by handler. InvalidOperationException: a secret", error.Status.Detail);
    }

    [TestMethod]
    public async Task A_handler_may_set_a_status_without_throwing()
    {
        using var call = Client.UnaryAsync(new ProbeRequest { Act = "status" });
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await call);
        Assert.AreEqual(StatusCode.DataLoss, error.StatusCode);
        Assert.AreEqual("half of it", error.Status.Detail);
        Assert.AreEqual("status", error.Trailers.GetValue("x-why"));
    }

    [TestMethod]
    public async Task No_message_from_a_handler_is_cancelled()
    {
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await Client.UnaryAsync(new ProbeRequest { Act = "null" }));
        Assert.AreEqual(StatusCode.Cancelled, error.StatusCode);
        Assert.AreEqual("No message returned from method.", error.Status.Detail);
    }

    [TestMethod]
    public async Task A_successful_call_has_no_detail()
    {
        using var call = Client.UnaryAsync(new ProbeRequest());
        await call;
        Assert.AreEqual(Status.DefaultSuccess, call.GetStatus());
        Assert.IsEmpty(call.GetTrailers());
    }

    [TestMethod]
    public async Task A_handler_knows_method_host_peer_and_request()
    {
        var reply = await Client.UnaryAsync(new ProbeRequest { Act = "context" });
        StringAssert.StartsWith(reply.Text, $"/sutra.tests.probe.v1.Probe/Unary {new Uri(Address).Authority} ipv4:127.0.0.1:");
        StringAssert.EndsWith(reply.Text, " HTTP/2");
    }

    [TestMethod]
    public async Task Limits_of_the_server_are_configurable()
    {
        await using var host = await ProbeHost.StartAsync(options =>
        {
            options.MaxReceiveMessageSize = 1000;
            options.MaxSendMessageSize = 500;
        });
        using var channel = host.Channel();
        var client = new Probe.ProbeClient(channel);

        var request = await Assert.ThrowsExactlyAsync<RpcException>(
            async () => await client.UnaryAsync(new ProbeRequest { Payload = ByteString.CopyFrom(new byte[1001]) }));
        Assert.AreEqual("Received message exceeds the maximum configured message size.", request.Status.Detail);
        var response = await Assert.ThrowsExactlyAsync<RpcException>(async () => await client.UnaryAsync(new ProbeRequest { Size = 501 }));
        Assert.AreEqual("Sending message exceeds the maximum configured message size.", response.Status.Detail);
        Assert.AreEqual(StatusCode.ResourceExhausted, response.StatusCode);
    }

    [TestMethod]
    public async Task A_compressed_bomb_is_refused_by_its_inflated_size()
    {
        await using var host = await ProbeHost.StartAsync(options => options.MaxReceiveMessageSize = 100_000);
        using var channel = host.Channel();
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await new Probe.ProbeClient(channel).UnaryAsync(
            new ProbeRequest { Payload = ByteString.CopyFrom(new byte[5_000_000]) }, new Metadata { { "grpc-internal-encoding-request", "gzip" } }));
        Assert.AreEqual(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [TestMethod]
    public async Task Responses_are_compressed_when_the_server_is_told_to()
    {
        await using var host = await ProbeHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");
        using var channel = host.Channel(options => options.MaxReceiveMessageSize = null);
        using var call = new Probe.ProbeClient(channel).Expand(new ProbeRequest { Count = 3, Size = 100_000 });
        var read = 0;
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
        {
            Assert.AreEqual(100_000, reply.Payload.Length);
            read++;
        }

        Assert.AreEqual(3, read);
    }

    [TestMethod]
    public async Task Without_identity_a_locked_service_is_unauthenticated_and_its_open_method_is_not()
    {
        using var channel = _host.Channel();
        var locked = new Locked.LockedClient(channel);
        var nobody = await Assert.ThrowsExactlyAsync<RpcException>(async () => await locked.SecretAsync(new ProbeRequest()));
        Assert.AreEqual(StatusCode.Unauthenticated, nobody.StatusCode);
        var wrongRole = await Assert.ThrowsExactlyAsync<RpcException>(
            async () => await locked.AdminOnlyAsync(new ProbeRequest(), new Metadata { { "x-user", "guest" } }));
        Assert.AreEqual(StatusCode.PermissionDenied, wrongRole.StatusCode);

        Assert.AreEqual("guest", (await locked.SecretAsync(new ProbeRequest(), new Metadata { { "x-user", "guest" } })).Text);
        Assert.AreEqual("admin", (await locked.AdminOnlyAsync(new ProbeRequest(), new Metadata { { "x-user", "admin" } })).Text);
        Assert.AreEqual("open", (await locked.OpenAsync(new ProbeRequest())).Text);
    }

    [TestMethod]
    public async Task The_server_stops_sending_to_a_client_that_does_not_read()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Channel();
        const int Count = 100_000;
        using var call = new Probe.ProbeClient(channel).Expand(new ProbeRequest { Count = Count, Size = 200 });
        Assert.IsTrue(await call.ResponseStream.MoveNext());
        var sent = await SettledAsync(() => host.State.Sent);
        Assert.IsLessThan(Count / 2, sent, "Everything was sent although nobody read.");

        long expected = 1;
        while (await call.ResponseStream.MoveNext())
        {
            Assert.AreEqual(expected++, call.ResponseStream.Current.Number);
        }

        Assert.AreEqual(Count, expected);
    }

    [TestMethod]
    public async Task A_client_stops_sending_to_a_server_that_does_not_read()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Channel();
        const int Count = 100_000;
        using var call = new Probe.ProbeClient(channel).Collect();
        var written = 0;
        var writing = Task.Run(async () =>
        {
            var message = new ProbeRequest { Count = 1, Payload = ByteString.CopyFrom(new byte[200]) };
            await call.RequestStream.WriteAsync(new ProbeRequest { Act = "hold" });
            for (; written < Count; Volatile.Write(ref written, written + 1))
            {
                await call.RequestStream.WriteAsync(message);
            }

            await call.RequestStream.CompleteAsync();
        });
        var sent = await SettledAsync(() => Volatile.Read(ref written));
        Assert.IsLessThan(Count / 2, sent, "Everything was sent although nobody read.");
        Assert.AreEqual(1, host.State.Received);

        host.State.Released.SetResult();
        await writing;
        Assert.AreEqual(Count, (await call).Number);
    }

    [TestMethod]
    public async Task A_disposed_channel_ends_its_calls_and_takes_no_more()
    {
        var channel = _host.Channel();
        var client = new Probe.ProbeClient(channel);
        var running = client.UnaryAsync(new ProbeRequest { Act = "wait" });
        channel.Dispose();
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await running);
        Assert.AreEqual(StatusCode.Cancelled, error.StatusCode);
        Assert.ThrowsExactly<ObjectDisposedException>(() => client.UnaryAsync(new ProbeRequest()));
    }

    [TestMethod]
    public async Task One_write_and_one_read_at_a_time()
    {
        using var call = Client.Chat();
        var read = call.ResponseStream.MoveNext();
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => call.ResponseStream.MoveNext());
        await call.RequestStream.WriteAsync(new ProbeRequest { Text = "once" });
        Assert.IsTrue(await read);
        await call.RequestStream.CompleteAsync();
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new ProbeRequest()));
        Assert.ThrowsExactly<InvalidOperationException>(() => call.GetStatus());
    }

    [TestMethod]
    public async Task A_server_that_goes_away_in_the_middle_is_unavailable()
    {
        var host = await ProbeHost.StartAsync();
        using var channel = host.Channel();
        using var call = new Probe.ProbeClient(channel).Expand(new ProbeRequest { Count = 1, Act = "wait" });
        Assert.IsTrue(await call.ResponseStream.MoveNext());
        var next = call.ResponseStream.MoveNext();
        await host.DisposeAsync();
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () => await next);
        Assert.IsTrue(error.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Unknown or StatusCode.Internal, error.ToString());

        var refused = await Assert.ThrowsExactlyAsync<RpcException>(
            async () => await new Probe.ProbeClient(channel).UnaryAsync(new ProbeRequest(), deadline: DateTime.UtcNow.AddSeconds(5)));
        Assert.AreEqual(StatusCode.Unavailable, refused.StatusCode);
        StringAssert.StartsWith(refused.Status.Detail, "Error starting gRPC call. HttpRequestException: ");
    }

    /// <summary>The count once it has not moved for a while.</summary>
    private static async Task<int> SettledAsync(Func<int> count)
    {
        var watch = Stopwatch.StartNew();
        var last = -1;
        var since = watch.Elapsed;
        while (watch.Elapsed - since < TimeSpan.FromMilliseconds(300) || last == 0)
        {
            Assert.IsLessThan(TimeSpan.FromSeconds(20), watch.Elapsed);
            await Task.Delay(20);
            if (count() is var now && now != last)
            {
                last = now;
                since = watch.Elapsed;
            }
        }

        return last;
    }
}
