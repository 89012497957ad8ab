using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Standins.GrpcRuntime;

/// <summary>Our client before servers, proxies and handlers that are not as they should be.</summary>
[TestClass]
public sealed class ClientTests
{
    [TestMethod]
    [DataRow(400, StatusCode.Internal)]
    [DataRow(401, StatusCode.Unauthenticated)]
    [DataRow(403, StatusCode.PermissionDenied)]
    [DataRow(404, StatusCode.Unimplemented)]
    [DataRow(429, StatusCode.Unavailable)]
    [DataRow(431, StatusCode.Internal)]
    [DataRow(500, StatusCode.Unknown)]
    [DataRow(502, StatusCode.Unavailable)]
    [DataRow(503, StatusCode.Unavailable)]
    [DataRow(504, StatusCode.Unavailable)]
    [DataRow(418, StatusCode.Unknown)]
    public async Task An_HTTP_error_without_a_grpc_status_is_mapped(int http, StatusCode expected)
    {
        var error = await FailAsync(_ => new HttpResponseMessage((HttpStatusCode)http));
        Assert.AreEqual(expected, error.StatusCode);
        Assert.AreEqual($"Bad gRPC response. HTTP status code: {http}", error.Status.Detail);
    }

    [TestMethod]
    public async Task A_grpc_status_counts_more_than_the_HTTP_status()
    {
        var error = await FailAsync(_ =>
        {
            var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            response.Headers.TryAddWithoutValidation("grpc-status", "5");
            response.Headers.TryAddWithoutValidation("grpc-message", "no%20such%20thing");
            return response;
        });
        Assert.AreEqual(StatusCode.NotFound, error.StatusCode);
        Assert.AreEqual("no such thing", error.Status.Detail);
    }

    [TestMethod]
    [DataRow("text/html", "Bad gRPC response. Invalid content-type value: text/html")]
    [DataRow(null, "Bad gRPC response. Response did not have a content-type header.")]
    public async Task A_page_is_not_a_grpc_response(string? contentType, string detail)
    {
        var error = await FailAsync(_ => Ok(contentType, "<html>"u8.ToArray()));
        Assert.AreEqual(StatusCode.Cancelled, error.StatusCode);
        Assert.AreEqual(detail, error.Status.Detail);
    }

    [TestMethod]
    public async Task HTTP_1_is_not_good_enough()
    {
        var error = await FailAsync(_ => new HttpResponseMessage { Version = HttpVersion.Version11 });
        Assert.AreEqual(StatusCode.Internal, error.StatusCode);
        Assert.AreEqual("Bad gRPC response. Response protocol downgraded to HTTP/1.1.", error.Status.Detail);
    }

    [TestMethod]
    public async Task A_body_without_trailers_is_not_a_success()
    {
        var error = await FailAsync(_ => Ok("application/grpc", [0, 0, 0, 0, 0]));
        Assert.AreEqual(StatusCode.Cancelled, error.StatusCode);
        Assert.AreEqual("No grpc-status found on response.", error.Status.Detail);
    }

    [TestMethod]
    public async Task Success_without_a_message_is_not_a_success()
    {
        var error = await FailAsync(_ => Ok("application/grpc", [], "0"));
        Assert.AreEqual(StatusCode.Internal, error.StatusCode);
        Assert.AreEqual("Failed to deserialize response message.", error.Status.Detail);
    }

    [TestMethod]
    [DataRow(new byte[] { 0, 0, 0 }, StatusCode.Internal)]
    [DataRow(new byte[] { 0, 0, 0, 0, 9, 1 }, StatusCode.Internal)]
    [DataRow(new byte[] { 9, 0, 0, 0, 0 }, StatusCode.Internal)]
    [DataRow(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, StatusCode.Internal)]
    // Protobuf's own exception is an IOException, which counts as the network's.
    [DataRow(new byte[] { 0, 0, 0, 0, 1, 255 }, StatusCode.Unavailable)]
    public async Task A_malformed_body_is_an_error(byte[] body, StatusCode expected) =>
        Assert.AreEqual(expected, (await FailAsync(_ => Ok("application/grpc", body, "0"))).StatusCode);

    [TestMethod]
    public async Task Nobody_listening_is_unavailable()
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{FreePort.Next()}");
        var client = new Probe.ProbeClient(channel);
        var unary = await Assert.ThrowsExactlyAsync<RpcException>(async () => await client.UnaryAsync(new ProbeRequest()));
        Assert.AreEqual(StatusCode.Unavailable, unary.StatusCode);
        Assert.IsInstanceOfType<HttpRequestException>(unary.Status.DebugException);

        using var chat = client.Chat();
        var write = await Assert.ThrowsExactlyAsync<RpcException>(() => chat.RequestStream.WriteAsync(new ProbeRequest()));
        Assert.AreEqual(StatusCode.Unavailable, write.StatusCode);
        var read = await Assert.ThrowsExactlyAsync<RpcException>(async () => await chat.ResponseStream.MoveNext());
        Assert.AreEqual(StatusCode.Unavailable, read.StatusCode);
        var headers = await Assert.ThrowsExactlyAsync<RpcException>(() => chat.ResponseHeadersAsync);
        Assert.AreEqual(StatusCode.Unavailable, headers.StatusCode);
    }

    [TestMethod]
    public async Task A_request_says_what_the_protocol_asks_for()
    {
        HttpRequestMessage? seen = null;
        byte[] body = [];
        using var channel = Channel(async request =>
        {
            seen = request;
            body = await request.Content!.ReadAsByteArrayAsync();
            return Ok("application/grpc", [0, 0, 0, 0, 0], "0");
        });
        await new Probe.ProbeClient(channel).UnaryAsync(
            new ProbeRequest { Count = 1 },
            new Metadata { { "x-a", "b" }, { "x-bin", [1, 2] }, { "grpc-timeout", "1S" } },
            DateTime.UtcNow.AddSeconds(30));

        Assert.AreEqual(new Uri("http://anywhere/sutra.tests.probe.v1.Probe/Unary"), seen!.RequestUri);
        Assert.AreEqual(HttpVersion.Version20, seen.Version);
        Assert.AreEqual(HttpVersionPolicy.RequestVersionExact, seen.VersionPolicy);
        Assert.AreEqual("application/grpc", seen.Content!.Headers.ContentType!.ToString());
        Assert.AreEqual("trailers", seen.Headers.TE.ToString());
        Assert.AreEqual("identity,gzip", seen.Headers.GetValues("grpc-accept-encoding").Single());
        Assert.AreEqual("b", seen.Headers.GetValues("x-a").Single());
        Assert.AreEqual("AQI=", seen.Headers.GetValues("x-bin").Single());
        var timeout = seen.Headers.GetValues("grpc-timeout").Single();
        Assert.IsInRange(20_000, 30_000, int.Parse(timeout.TrimEnd('m')));
        CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 0, 2, 32, 1 }, body);
    }

    [TestMethod]
    public async Task A_handler_may_send_a_unary_request_again()
    {
        var sent = new List<string>();
        using var channel = Channel(async request =>
        {
            sent.Add(Encoding.UTF8.GetString((await request.Content!.ReadAsByteArrayAsync())[7..]));
            return Ok("application/grpc", [0, 0, 0, 0, 0], "0");
        }, handler => new SendTwice { InnerHandler = handler });
        await new Probe.ProbeClient(channel).UnaryAsync(new ProbeRequest { Text = "again" });
        CollectionAssert.AreEqual(new[] { "again", "again" }, sent);
    }

    [TestMethod]
    public async Task A_deadline_must_be_utc()
    {
        using var channel = Channel(_ => Task.FromResult(new HttpResponseMessage()));
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(
            async () => await new Probe.ProbeClient(channel).UnaryAsync(new ProbeRequest(), deadline: DateTime.Now.AddSeconds(1)));
    }

    [TestMethod]
    public async Task A_cancelled_token_sends_nothing()
    {
        var calls = 0;
        using var channel = Channel(_ =>
        {
            calls++;
            return Task.FromResult(new HttpResponseMessage());
        });
        var error = await Assert.ThrowsExactlyAsync<RpcException>(async () =>
            await new Probe.ProbeClient(channel).UnaryAsync(new ProbeRequest(), cancellationToken: new CancellationToken(canceled: true)));
        Assert.AreEqual(StatusCode.Cancelled, error.StatusCode);
        Assert.AreEqual(0, calls);
    }

    [TestMethod]
    public void An_address_needs_a_scheme_of_HTTP() =>
        Assert.ThrowsExactly<InvalidOperationException>(() => GrpcChannel.ForAddress("unix:///tmp/x"));

    [TestMethod]
    public void Metadata_keys_are_lower_case_and_checked()
    {
        var metadata = new Metadata { { "X-Mixed", "1" }, { "x-mixed", "2" } };
        Assert.AreEqual("2", metadata.GetValue("X-MIXED"));
        Assert.HasCount(2, metadata.GetAll("x-mixed").ToArray());
        Assert.ThrowsExactly<ArgumentException>(() => metadata.Add("bad key", "1"));
        Assert.ThrowsExactly<ArgumentException>(() => metadata.Add("x-bin", "text"));
        Assert.ThrowsExactly<ArgumentException>(() => metadata.Add("x", [1]));
        Assert.ThrowsExactly<InvalidOperationException>(() => Metadata.Empty.Add("x", "1"));
    }

    private static HttpResponseMessage Ok(string? contentType, byte[] body, string? status = null)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Version = HttpVersion.Version20, Content = new ByteArrayContent(body) };
        if (contentType is not null)
        {
            response.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (status is not null)
        {
            response.TrailingHeaders.TryAddWithoutValidation("grpc-status", status);
        }

        return response;
    }

    private static async Task<RpcException> FailAsync(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        using var channel = Channel(request =>
        {
            var response = answer(request);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                response.Version = HttpVersion.Version20;
            }

            return Task.FromResult(response);
        });
        return await Assert.ThrowsExactlyAsync<RpcException>(async () => await new Probe.ProbeClient(channel).UnaryAsync(new ProbeRequest()));
    }

    private static GrpcChannel Channel(
        Func<HttpRequestMessage, Task<HttpResponseMessage>> answer, Func<HttpMessageHandler, HttpMessageHandler>? wrap = null)
    {
        HttpMessageHandler handler = new Answers(answer);
        return GrpcChannel.ForAddress("http://anywhere", new GrpcChannelOptions { HttpHandler = wrap?.Invoke(handler) ?? handler });
    }

    private sealed class Answers(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request);
    }

    private sealed class SendTwice : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var first = await base.SendAsync(request, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
