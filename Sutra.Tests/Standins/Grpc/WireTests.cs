using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;

namespace Sutra.Tests.Standins.GrpcRuntime;

/// <summary>Our server on the wire, byte by byte, as a client that is not ours may speak to it.</summary>
[TestClass]
public sealed class WireTests
{
    private const string Unary = "/sutra.tests.probe.v1.Probe/Unary";
    private static readonly HttpClient Http = new();
    private static ProbeHost _host = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => _host = await ProbeHost.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await _host.DisposeAsync();

    [TestMethod]
    public async Task A_success_is_a_frame_and_a_status_in_the_trailers()
    {
        using var response = await SendAsync(Unary, Frame(new ProbeRequest { Text = "x" }));
        var body = await response.Content.ReadAsByteArrayAsync();

        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.AreEqual("application/grpc", response.Content.Headers.ContentType!.ToString());
        Assert.AreEqual(0, body[0]);
        Assert.AreEqual((uint)body.Length - 5, BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1)));
        Assert.AreEqual("x", ProbeReply.Parser.ParseFrom(body.AsSpan(5)).Text);
        Assert.AreEqual("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.IsFalse(response.TrailingHeaders.Contains("grpc-message"));
        Assert.IsFalse(response.Headers.Contains("grpc-status"));
    }

    [TestMethod]
    public async Task A_failure_before_any_message_has_trailers_only_and_is_percent_encoded()
    {
        using var response = await SendAsync(Unary, Frame(new ProbeRequest { Act = "fail" }));
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.AreEqual("3", response.Headers.GetValues("grpc-status").Single());
        Assert.AreEqual("nicht gut: %C3%A4 %E2%82%AC %F0%9D%84%9E 100%25 %0A", response.Headers.GetValues("grpc-message").Single());
        Assert.AreEqual("CAMSA2JhZA==", response.Headers.GetValues("grpc-status-details-bin").Single());
        Assert.IsEmpty(await response.Content.ReadAsByteArrayAsync());
        Assert.IsEmpty(response.TrailingHeaders);
    }

    [TestMethod]
    public async Task The_server_enforces_a_deadline_for_a_client_that_does_not()
    {
        using var response = await SendAsync(Unary, Frame(new ProbeRequest { Act = "wait" }), ("grpc-timeout", "150m"));
        Assert.AreEqual("4", response.Headers.GetValues("grpc-status").Single());
        Assert.AreEqual("Deadline Exceeded", response.Headers.GetValues("grpc-message").Single());
    }

    [TestMethod]
    public async Task The_server_answers_at_the_deadline_although_the_handler_goes_on()
    {
        await using var host = await ProbeHost.StartAsync();
        using var response = await SendAsync(
            Unary, Frame(new ProbeRequest { Act = "ignore-deadline" }), ("grpc-timeout", "150m"), address: host.Address);
        Assert.AreEqual("4", response.Headers.GetValues("grpc-status").Single());
        host.State.Released.SetResult();
    }

    [TestMethod]
    public async Task A_deadline_in_the_middle_of_a_response_stream_comes_in_its_trailers()
    {
        using var response = await SendAsync(
            "/sutra.tests.probe.v1.Probe/Expand", Frame(new ProbeRequest { Act = "wait", Count = 2 }), ("grpc-timeout", "1500m"));
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.IsGreaterThan(5, body.Length);
        Assert.AreEqual("4", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [TestMethod]
    [DataRow("10H")]
    [DataRow("99999999S")]
    [DataRow("5M")]
    [DataRow("99999999u")]
    [DataRow("nonsense")]
    [DataRow("10X")]
    [DataRow("123456789S")]
    [DataRow("-1S")]
    public async Task A_long_or_malformed_timeout_does_no_harm(string timeout)
    {
        using var response = await SendAsync(Unary, Frame(new ProbeRequest { Text = "in time" }), ("grpc-timeout", timeout));
        await response.Content.ReadAsByteArrayAsync();
        Assert.AreEqual("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [TestMethod]
    [DataRow("application/grpc+proto")]
    [DataRow("application/grpc;charset=utf-8")]
    public async Task Content_types_of_the_family_are_accepted(string contentType)
    {
        using var response = await SendAsync(Unary, Frame(new ProbeRequest()), contentType: contentType);
        await response.Content.ReadAsByteArrayAsync();
        Assert.AreEqual("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [TestMethod]
    [DataRow("application/json")]
    [DataRow("application/grpc-web")]
    [DataRow("application/grpcx")]
    public async Task Other_content_types_are_415(string contentType)
    {
        using var response = await SendAsync(Unary, Frame(new ProbeRequest()), contentType: contentType);
        Assert.AreEqual(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.AreEqual("13", response.Headers.GetValues("grpc-status").Single());
    }

    [TestMethod]
    public async Task HTTP_1_is_refused()
    {
        using var request = Request(_host.Http1Address, Unary, Frame(new ProbeRequest()), "application/grpc");
        request.Version = HttpVersion.Version11;
        using var response = await Http.SendAsync(request);
        Assert.AreEqual(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.AreEqual("Request protocol 'HTTP/1.1' is not supported.", Uri.UnescapeDataString(response.Headers.GetValues("grpc-message").Single()));
    }

    [TestMethod]
    public async Task Unknown_methods_and_services_are_unimplemented_and_other_paths_are_not_ours()
    {
        using var method = await SendAsync("/sutra.tests.probe.v1.Probe/Nope", Frame(new ProbeRequest()));
        Assert.AreEqual("12", method.Headers.GetValues("grpc-status").Single());
        Assert.AreEqual("Method is unimplemented.", method.Headers.GetValues("grpc-message").Single());
        using var service = await SendAsync("/no.such.Service/Nope", Frame(new ProbeRequest()));
        Assert.AreEqual("Service is unimplemented.", service.Headers.GetValues("grpc-message").Single());

        using var json = await SendAsync("/no.such.Service/Nope", [], contentType: "application/json");
        Assert.AreEqual(HttpStatusCode.NotFound, json.StatusCode);
        Assert.AreEqual("not gRPC", await Http.GetStringAsync(new Uri($"{_host.Http1Address}/plain")));
    }

    [TestMethod]
    [DataRow(new byte[] { }, "13", "Incomplete message.")]
    [DataRow(new byte[] { 0, 0, 0, 0 }, "13", "Incomplete message.")]
    [DataRow(new byte[] { 0, 0, 0, 0, 9, 1 }, "13", "Incomplete message.")]
    [DataRow(new byte[] { 0, 0, 0, 0, 0, 0 }, "13", "Additional data after the message received.")]
    [DataRow(new byte[] { 1, 0, 0, 0, 0 }, "13", "Request did not include grpc-encoding value with compressed message.")]
    [DataRow(new byte[] { 7, 0, 0, 0, 0 }, "2", "Exception was thrown by handler.")]
    [DataRow(new byte[] { 0, 0, 0, 0, 1, 255 }, "2", "Exception was thrown by handler.")]
    [DataRow(new byte[] { 0, 255, 255, 255, 255 }, "8", "Received message exceeds the maximum configured message size.")]
    public async Task Malformed_requests_have_a_status(byte[] body, string status, string detail)
    {
        using var response = await SendAsync(Unary, body);
        Assert.AreEqual(status, response.Headers.GetValues("grpc-status").Single());
        Assert.AreEqual(detail, response.Headers.GetValues("grpc-message").Single());
    }

    [TestMethod]
    [DataRow("identity", "13")]
    [DataRow("snappy", "12")]
    public async Task An_unusable_encoding_is_refused(string encoding, string status)
    {
        using var response = await SendAsync(Unary, [1, 0, 0, 0, 0], ("grpc-encoding", encoding));
        Assert.AreEqual(status, response.Headers.GetValues("grpc-status").Single());
        if (encoding == "snappy")
        {
            Assert.AreEqual("identity,gzip", response.Headers.GetValues("grpc-accept-encoding").Single());
        }
    }

    [TestMethod]
    public async Task A_gzip_request_may_hold_plain_messages_too()
    {
        using var plain = await SendAsync(Unary, Frame(new ProbeRequest { Text = "plain" }), ("grpc-encoding", "gzip"));
        Assert.AreEqual("plain", ProbeReply.Parser.ParseFrom((await plain.Content.ReadAsByteArrayAsync()).AsSpan(5)).Text);

        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            new ProbeRequest { Text = "packed" }.WriteTo(gzip);
        }

        using var compressed = await SendAsync(Unary, Frame(packed.ToArray(), compressed: true), ("grpc-encoding", "gzip"));
        Assert.AreEqual("packed", ProbeReply.Parser.ParseFrom((await compressed.Content.ReadAsByteArrayAsync()).AsSpan(5)).Text);
    }

    [TestMethod]
    public async Task A_message_may_come_in_any_pieces()
    {
        var frame = Frame(new ProbeRequest { Text = "in pieces" });
        using var request = Request(_host.Address, Unary, [], "application/grpc");
        request.Content = new Pieces(frame);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/grpc");
        using var response = await Http.SendAsync(request);
        Assert.AreEqual("in pieces", ProbeReply.Parser.ParseFrom((await response.Content.ReadAsByteArrayAsync()).AsSpan(5)).Text);
    }

    private static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    private static byte[] Frame(byte[] payload, bool compressed = false)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    private static HttpRequestMessage Request(string address, string path, byte[] body, string contentType)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address + path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.TE.ParseAdd("trailers");
        return request;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        string path, byte[] body, (string Name, string Value)? header = null, string contentType = "application/grpc", string? address = null)
    {
        using var request = Request(address ?? _host.Address, path, body, contentType);
        if (header is { } extra)
        {
            request.Headers.TryAddWithoutValidation(extra.Name, extra.Value);
        }

        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>A DATA frame per byte.</summary>
    private sealed class Pieces(byte[] bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var octet in bytes)
            {
                await stream.WriteAsync(new[] { octet });
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
