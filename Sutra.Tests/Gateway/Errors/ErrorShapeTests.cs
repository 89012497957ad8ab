using System.Net;
using Sutra.Gateway.Keys;

namespace Sutra.Tests.Gateway.Errors;

[TestClass]
public sealed class ErrorShapeTests
{
    private static StubService s_stub = null!;
    private static GatewayHost s_gateway = null!;

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        s_stub = await StubService.StartAsync();
        s_gateway = await GatewayHost.StartAsync(s_stub.Address, s_stub.Address);
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_gateway.DisposeAsync();
        await s_stub.DisposeAsync();
    }

    [TestMethod]
    [DataRow("/api/query")]
    [DataRow("/v1/models")]
    public async Task Without_a_key_it_is_401_and_says_how_to_send_one(string path)
    {
        using var response = await s_gateway.Anonymous.GetAsync(path);

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "missing_api_key");
        Assert.AreEqual("Bearer realm=\"sutra\"", response.Headers.WwwAuthenticate.Single().ToString());
    }

    [TestMethod]
    [DataRow("/api/query")]
    [DataRow("/v1/models")]
    public async Task With_a_wrong_key_it_is_401_and_the_key_is_not_repeated(string path)
    {
        var wrong = ApiKeyText.New(ApiKeyText.NewId());
        using var client = s_gateway.ClientWith(wrong);

        using var response = await client.GetAsync(path);

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "invalid_api_key");
        Assert.AreEqual("Bearer realm=\"sutra\", error=\"invalid_token\"", response.Headers.WwwAuthenticate.Single().ToString());
        Assert.DoesNotContain(wrong, await response.Content.ReadAsStringAsync());
    }

    [TestMethod]
    [DataRow("text/html")]
    [DataRow("image/png")]
    [DataRow("*/*")]
    public async Task An_error_is_JSON_whatever_the_caller_accepts(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nothing");
        request.Headers.Add("Accept", accept);

        using var response = await s_gateway.Anonymous.SendAsync(request);

        await AssertErrorAsync(response, HttpStatusCode.NotFound, null);
    }

    [TestMethod]
    [DataRow("/api/learn")]
    [DataRow("/v1/embeddings")]
    public async Task A_body_that_says_it_is_too_large_is_413_and_reaches_nobody(string path)
    {
        var reached = s_stub.Requests.Count;

        // Only the headers: the answer must not wait for the body.
        var answer = await RawHttp.SendAsync(
            s_gateway.Address,
            $"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {s_gateway.Key}\r\nContent-Length: {(8 << 20) + 1}\r\n\r\n",
            TimeSpan.FromSeconds(3));

        Assert.AreEqual(413, RawHttp.StatusOf(answer));
        StringAssert.Contains(answer, path[1] == 'v' ? "\"code\":\"request_too_large\"" : "\"status\":413");
        Assert.HasCount(reached, s_stub.Requests);
    }

    [TestMethod]
    [DataRow("/api/learn")]
    [DataRow("/v1/embeddings")]
    public async Task A_body_that_turns_out_too_large_is_413(string path)
    {
        await using var reading = await StubService.StartAsync(async context => await context.Request.Body.CopyToAsync(Stream.Null));
        await using var gateway = await GatewayHost.StartAsync(reading.Address, reading.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StreamContent(new MemoryStream(new byte[(8 << 20) + 1])) };
        request.Headers.TransferEncodingChunked = true;

        using var response = await gateway.Client.SendAsync(request);

        await AssertErrorAsync(response, HttpStatusCode.RequestEntityTooLarge, "request_too_large");
    }

    [TestMethod]
    public async Task A_body_of_the_size_that_is_allowed_passes()
    {
        await using var reading = await StubService.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            await context.Response.Body.WriteAsync(body.ToArray());
        });
        await using var gateway = await GatewayHost.StartAsync(reading.Address);
        var sent = new byte[8 << 20];
        Random.Shared.NextBytes(sent);

        using var response = await gateway.Client.PostAsync("/api/learn", new ByteArrayContent(sent));

        CollectionAssert.AreEqual(sent, await response.Content.ReadAsByteArrayAsync());
    }

    [TestMethod]
    [DataRow("GET /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nBad Header: y\r\n\r\n")]
    [DataRow("GET /api/x HTTP/1.1\r\nConnection: close\r\n\r\n")]
    [DataRow("POST /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [DataRow("POST /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: abc\r\n\r\n")]
    [DataRow("NONSENSE\r\n\r\n")]
    public async Task What_is_not_HTTP_is_400_and_reaches_nobody(string request)
    {
        var reached = s_stub.Requests.Count;

        Assert.AreEqual(400, RawHttp.StatusOf(await RawHttp.SendAsync(s_gateway.Address, request)));

        Assert.HasCount(reached, s_stub.Requests);
    }

    [TestMethod]
    public async Task A_smuggled_second_request_reaches_nobody_without_its_own_key()
    {
        var reached = s_stub.Requests.Count;
        await RawHttp.SendAsync(
            s_gateway.Address,
            $"POST /api/first HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {s_gateway.Key}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "0\r\n\r\nGET /api/smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            TimeSpan.FromSeconds(2));

        Assert.IsFalse(s_stub.Requests.Skip(reached).Any(request => request.Target.Contains("smuggled", StringComparison.Ordinal)));
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string? code)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(status, response.StatusCode, body);
        ErrorShape.Assert(response, body, code);
    }
}
