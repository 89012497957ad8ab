using Sutra.Contracts.Identity;

namespace Sutra.Tests.Gateway.Identity;

[TestClass]
public sealed class ForwardedHeadersTests
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
    [DataRow("all", new[] { Permissions.Read, Permissions.Write, Permissions.Admin })]
    [DataRow("read", new[] { Permissions.Read })]
    public async Task A_service_gets_a_token_that_names_the_key_and_its_scopes(string key, string[] scopes)
    {
        using var client = s_gateway.ClientNamed(key);
        using var _ = await client.GetAsync($"/v1/models?{key}");

        var caller = Verify(Last($"/v1/models?{key}")[InternalToken.Header]);

        StringAssert.StartsWith(caller!.Subject, "key:");
        CollectionAssert.AreEqual(scopes, caller.Scopes.ToArray());
    }

    [TestMethod]
    public async Task A_service_does_not_get_the_key()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/no-key");
        request.Headers.Add("Cookie", "a=b");
        using var _ = await s_gateway.Client.SendAsync(request);

        var headers = Last("/api/no-key");
        Assert.DoesNotContain("Authorization", headers.Keys.ToArray());
        Assert.DoesNotContain("Cookie", headers.Keys.ToArray());
        Assert.DoesNotContain(s_gateway.Key, string.Concat(headers.Values));
    }

    [TestMethod]
    public async Task An_identity_that_the_caller_sends_is_replaced_in_whatever_spelling()
    {
        var forged = new InternalToken(GatewayHost.IdentityKey, TimeSpan.FromMinutes(1), TimeProvider.System)
            .Mint(new CallerIdentity("key:somebody", Permissions.All));
        await RawHttp.SendAsync(s_gateway.Address, $"""
            GET /api/forged HTTP/1.1
            Host: x
            Connection: close, x-sutra-identity
            x-sutra-identity: {forged}
            X-SUTRA-Identity: {forged}
            Authorization: Bearer {s_gateway.Key}


            """.ReplaceLineEndings("\r\n"));

        var caller = Verify(Last("/api/forged")[InternalToken.Header]);

        Assert.AreNotEqual("key:somebody", caller!.Subject);
    }

    [TestMethod]
    public async Task An_open_route_passes_on_no_identity_at_all()
    {
        var forged = new InternalToken(GatewayHost.IdentityKey, TimeSpan.FromMinutes(1), TimeProvider.System)
            .Mint(new CallerIdentity("key:somebody", Permissions.All));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health?forged");
        request.Headers.Add(InternalToken.Header, forged);
        using var _ = await s_gateway.Anonymous.SendAsync(request);

        Assert.DoesNotContain(InternalToken.Header, Last("/health?forged").Keys.ToArray());
    }

    [TestMethod]
    public async Task Where_a_request_came_from_is_the_gateways_word_and_not_the_callers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/from");
        request.Headers.Add("X-Forwarded-For", "6.6.6.6");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Proto", "gopher");
        request.Headers.Add("Forwarded", "for=6.6.6.6");
        using var _ = await s_gateway.Client.SendAsync(request);

        var headers = Last("/api/from");
        Assert.AreEqual("127.0.0.1", headers["X-Forwarded-For"]);
        Assert.AreEqual(s_gateway.Address.Authority, headers["X-Forwarded-Host"]);
        Assert.AreEqual("http", headers["X-Forwarded-Proto"]);
        Assert.DoesNotContain("Forwarded", headers.Keys.ToArray());
        Assert.AreEqual(s_stub.Address.Authority, headers["Host"]);
    }

    [TestMethod]
    public async Task The_trace_goes_on_in_the_service()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/trace");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var _ = await s_gateway.Client.SendAsync(request);

        StringAssert.StartsWith(Last("/api/trace")["traceparent"], "00-0af7651916cd43dd8448eb211c80319c-");
    }

    private static CallerIdentity? Verify(string token) =>
        new InternalToken(GatewayHost.IdentityKey, TimeSpan.FromMinutes(1), TimeProvider.System).Verify(token);

    private static IReadOnlyDictionary<string, string> Last(string target) => s_stub.Requests.Last(request => request.Target == target).Headers;
}
