namespace Sutra.Tests.Gateway.Routing;

[TestClass]
public sealed class PathTests
{
    private static StubService s_api = null!;
    private static StubService s_embedder = null!;
    private static GatewayHost s_gateway = null!;

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        s_api = await StubService.StartAsync();
        s_embedder = await StubService.StartAsync();
        s_gateway = await GatewayHost.StartAsync(s_api.Address, s_embedder.Address);
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        await s_gateway.DisposeAsync();
        await s_api.DisposeAsync();
        await s_embedder.DisposeAsync();
    }

    [TestMethod]
    [DataRow("/api/concepts/0123456789abcdef?x=%20y&z=a+b")]
    [DataRow("/api/%C5%82%C3%B3d%C5%BA")]
    [DataRow("/api/a%252e%252e/b")]
    public async Task The_api_gets_the_path_and_query_as_they_were_sent(string target)
    {
        await SendAsync("GET", target, s_gateway.Key);

        Assert.AreEqual(target, s_api.Requests.Last().Target);
    }

    [TestMethod]
    public async Task An_encoded_slash_never_becomes_a_slash()
    {
        await SendAsync("GET", "/api/a%2Fb", s_gateway.Key);

        // YARP keeps it from the service by encoding it once more.
        Assert.AreEqual("/api/a%252Fb", s_api.Requests.Last().Target);
    }

    [TestMethod]
    public async Task The_embedder_gets_what_is_under_v1()
    {
        await SendAsync("GET", "/v1/models", s_gateway.Key);

        Assert.AreEqual("/v1/models", s_embedder.Requests.Last().Target);
        Assert.IsFalse(s_api.Requests.Any(request => request.Target.StartsWith("/v1", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("/api/../api/query")]
    [DataRow("/api/./query")]
    [DataRow("//api/query")]
    [DataRow("/api//query")]
    [DataRow("/%61pi/query")]
    [DataRow("/API/query")]
    [DataRow("/health/../api/query")]
    [DataRow("/health/..%2fapi/query")]
    [DataRow("/health%2f..%2fapi%2fquery")]
    [DataRow("/health/%2e%2e/api/query")]
    [DataRow("/health/%252e%252e/api/query")]
    [DataRow("/health;/../api/query")]
    [DataRow("/health\\..\\api\\query")]
    [DataRow("/app.js/../api/query")]
    [DataRow("/app.css/..;/api/query")]
    [DataRow("/alive/../v1/models")]
    [DataRow("/v1/../v1/models")]
    [DataRow("/./v1/models")]
    [DataRow("/;/api/query")]
    [DataRow("/api/query%00")]
    [DataRow("/api/query?/../health")]
    [DataRow("/api/query#/health")]
    [DataRow("/health/")]
    [DataRow("/health/x")]
    [DataRow("http://evil.example/api/query")]
    [DataRow("http://evil.example/health/../api/query")]
    [DataRow("/internal/x")]
    [DataRow("/storage/x")]
    [DataRow("/../../../../etc/passwd")]
    [DataRow("/app.js%00.html")]
    public async Task No_spelling_of_a_path_gets_past_the_key(string target)
    {
        foreach (var method in new[] { "GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE" })
        {
            var (api, embedder) = (s_api.Requests.Count, s_embedder.Requests.Count);

            await SendAsync(method, target, key: null);

            Assert.IsTrue(
                s_api.Requests.Skip(api).Concat(s_embedder.Requests.Skip(embedder))
                    .All(request => request.Target.Split('?')[0].TrimEnd('/') == "/health" && request.Method is "GET" or "HEAD"),
                $"{method} {target} reached a service without a key");
        }
    }

    [TestMethod]
    [DataRow("/nothing")]
    [DataRow("/internal/metrics")]
    [DataRow("/apix")]
    [DataRow("/wwwroot/app.js")]
    [DataRow("/appsettings.json")]
    [DataRow("/index.html")]
    public async Task An_unknown_path_is_404_with_and_without_a_key(string target)
    {
        Assert.AreEqual(404, RawHttp.StatusOf(await SendAsync("GET", target, key: null)));
        Assert.AreEqual(404, RawHttp.StatusOf(await SendAsync("GET", target, s_gateway.Key)));
    }

    [TestMethod]
    public async Task Health_is_for_reading_only()
    {
        var reached = s_api.Requests.Count;

        Assert.AreEqual(404, RawHttp.StatusOf(await SendAsync("POST", "/health", key: null)));

        Assert.HasCount(reached, s_api.Requests);
    }

    private static Task<string> SendAsync(string method, string target, string? key) => RawHttp.SendAsync(
        s_gateway.Address,
        $"{method} {target} HTTP/1.1\r\nHost: {s_gateway.Address.Authority}\r\nConnection: close\r\nContent-Length: 0\r\n"
        + (key is null ? "" : $"Authorization: Bearer {key}\r\n") + "\r\n");
}
