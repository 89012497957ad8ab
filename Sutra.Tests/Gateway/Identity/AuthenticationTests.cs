using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sutra.Gateway.Keys;

namespace Sutra.Tests.Gateway.Identity;

[TestClass]
public sealed class AuthenticationTests
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
    [DataRow("/api/learn")]
    [DataRow("/api")]
    [DataRow("/v1/embeddings")]
    [DataRow("/v1/models")]
    [DataRow("/V1/models")]
    public async Task A_known_key_passes_and_nothing_else_does(string path)
    {
        Assert.AreEqual(HttpStatusCode.OK, await StatusAsync(path, $"Bearer {s_gateway.Key}"));
        Assert.AreEqual(HttpStatusCode.OK, await StatusAsync(path, $"bearer  {s_gateway.Key} "));
        var reached = s_stub.Requests.Count;

        foreach (var wrong in new[]
        {
            null, "", "Bearer", "Bearer ", "Bearer nonsense", $"Bearer {ApiKeyText.New(ApiKeyText.NewId())}", $"Bearer {s_gateway.Key}x",
            $"Bearer {s_gateway.Key[..^1]}", $"Basic {s_gateway.Key}", s_gateway.Key, $"Bearer {s_gateway.Key},{s_gateway.Key}",
            $"Bearer Bearer {s_gateway.Key}",
        })
        {
            Assert.AreEqual(HttpStatusCode.Unauthorized, await StatusAsync(path, wrong), $"with: {wrong}");
        }

        Assert.AreEqual(HttpStatusCode.Unauthorized, await StatusAsync(path, $"Bearer {s_gateway.Key}", $"Bearer {s_gateway.Key}"), "two headers");
        Assert.HasCount(reached, s_stub.Requests, "an unauthenticated request reached a service");
    }

    [TestMethod]
    [DataRow("x-api-key")]
    [DataRow("Proxy-Authorization")]
    [DataRow("x-sutra-identity")]
    public async Task A_key_in_another_header_is_no_key(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/query");
        request.Headers.TryAddWithoutValidation(header, $"Bearer {s_gateway.Key}");

        using var response = await s_gateway.Anonymous.SendAsync(request);

        Assert.AreEqual(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [TestMethod]
    public async Task A_key_in_the_address_is_no_key() =>
        Assert.AreEqual(HttpStatusCode.Unauthorized, await StatusAsync($"/api/query?authorization=Bearer%20{s_gateway.Key}&api_key={s_gateway.Key}", null));

    [TestMethod]
    [DataRow("/")]
    [DataRow("/app.js")]
    [DataRow("/health")]
    [DataRow("/alive")]
    [DataRow("/ready")]
    public async Task Page_and_health_need_no_key_and_mind_no_wrong_one(string path)
    {
        Assert.AreEqual(HttpStatusCode.OK, await StatusAsync(path, null));
        Assert.AreEqual(HttpStatusCode.OK, await StatusAsync(path, "Bearer wrong"));
    }

    [TestMethod]
    public void Every_endpoint_says_who_may_call_it()
    {
        var open = s_gateway.Services.GetServices<EndpointDataSource>()
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            .Select(endpoint => endpoint.RoutePattern.RawText)
            .Distinct()
            .Order(StringComparer.Ordinal);

        // A new entry here is a decision, not an accident.
        CollectionAssert.AreEqual(
            new[] { "/", "/alive", "/app.css", "/app.js", "/client.js", "/favicon.svg", "/health", "/openapi/v1.json", "/ready", "/view.js", "/{**path}" },
            open.ToArray());
    }

    [TestMethod]
    public async Task A_key_that_is_revoked_or_added_while_the_gateway_runs_counts_within_seconds()
    {
        await using var gateway = await GatewayHost.StartAsync(s_stub.Address);
        Assert.AreEqual(HttpStatusCode.OK, (await gateway.Client.GetAsync("/api/query")).StatusCode);

        KeyFile.Write(gateway.KeysPath, [gateway.NewKey("new", "embedding.read")], replace: true);

        for (var waited = 0; waited < 100; waited++)
        {
            using var response = await gateway.Client.GetAsync("/api/query");
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                break;
            }

            await Task.Delay(50);
        }

        using var revoked = await gateway.Client.GetAsync("/api/query");
        Assert.AreEqual(HttpStatusCode.Unauthorized, revoked.StatusCode);
        using var client = gateway.ClientNamed("new");
        using var added = await client.GetAsync("/api/query");
        Assert.AreEqual(HttpStatusCode.OK, added.StatusCode);
    }

    private static async Task<HttpStatusCode> StatusAsync(string path, params string?[]? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var value in authorization ?? [])
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", value);
            }
        }

        using var response = await s_gateway.Anonymous.SendAsync(request);
        return response.StatusCode;
    }
}
