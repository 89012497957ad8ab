using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway.Errors;

[TestClass]
public sealed class ServiceFailureTests
{
    private const string Half = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"half\":";

    private static readonly Dictionary<string, string> Impatient = new(StringComparer.Ordinal)
    {
        ["Gateway:ActivityTimeout"] = "00:00:00.500",
        ["Gateway:ConnectTimeout"] = "00:00:00.400",
        ["Gateway:HealthTimeout"] = "00:00:00.500",
        ["Gateway:RetryAfter"] = "00:00:07",
    };

    [TestMethod]
    [DataRow("/api/query")]
    [DataRow("/v1/models")]
    public async Task A_service_that_is_down_is_503_at_once_with_the_time_to_try_again(string path)
    {
        await using var gateway = await GatewayHost.StartAsync(settings: Impatient);
        var took = Stopwatch.StartNew();

        using var response = await gateway.Client.GetAsync(path);

        Assert.IsLessThan(2000, took.ElapsedMilliseconds);
        await AssertErrorAsync(response, HttpStatusCode.ServiceUnavailable, "service_unavailable");
        Assert.AreEqual(TimeSpan.FromSeconds(7), response.Headers.RetryAfter!.Delta);
    }

    [TestMethod]
    public async Task A_service_that_comes_back_is_used_again_without_a_restart()
    {
        // Not one that the system gave: an outgoing connection could take it while nobody listens, even the gateway's own to itself.
        var port = FreePort.Next();
        var stub = await StubService.StartAsync(context => context.Response.WriteAsync("stub"), port);
        await using var gateway = await GatewayHost.StartAsync(stub.Address);
        Assert.AreEqual(HttpStatusCode.OK, (await gateway.Client.GetAsync("/api/x")).StatusCode);
        await stub.DisposeAsync();
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, (await gateway.Client.GetAsync("/api/x")).StatusCode);

        await using var again = new BrokenService("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", thenClose: true, port);

        Assert.AreEqual(HttpStatusCode.OK, (await gateway.Client.GetAsync("/api/x")).StatusCode);
    }

    [TestMethod]
    [DataRow("/api/query", "timeout")]
    [DataRow("/v1/models", "timeout")]
    public async Task A_service_that_accepts_and_stays_silent_is_504(string path, string code)
    {
        await using var silent = new BrokenService(answer: null, thenClose: false);
        await using var gateway = await GatewayHost.StartAsync(silent.Address, silent.Address, Impatient);

        using var response = await gateway.Client.GetAsync(path);

        await AssertErrorAsync(response, HttpStatusCode.GatewayTimeout, code);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Health_is_a_report_of_an_api_that_fails_within_two_seconds(bool silent)
    {
        await using var broken = new BrokenService(answer: null, thenClose: !silent);
        await using var gateway = await GatewayHost.StartAsync(broken.Address);
        var took = Stopwatch.StartNew();

        using var response = await gateway.Anonymous.GetAsync("/health");

        Assert.IsLessThan(2000, took.ElapsedMilliseconds);
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.IsNotNull(response.Headers.RetryAfter);
        var report = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.AreEqual("Unhealthy", report.GetProperty("status").GetString());
        Assert.IsLessThan(TimeSpan.FromSeconds(30), DateTimeOffset.UtcNow - report.GetProperty("timestamp").GetDateTimeOffset());
        var api = report.GetProperty("components").EnumerateArray().Single();
        Assert.AreEqual(("api", "Unhealthy"), (api.GetProperty("name").GetString(), api.GetProperty("status").GetString()));
        Assert.IsGreaterThan(silent ? 1000 : 0, api.GetProperty("duration_ms").GetDouble());
    }

    [TestMethod]
    public async Task A_service_that_stops_taking_a_body_is_504()
    {
        await using var silent = new BrokenService(answer: null, thenClose: false);
        await using var gateway = await GatewayHost.StartAsync(silent.Address, settings: Impatient);

        using var response = await gateway.Client.PostAsync("/api/learn", new ByteArrayContent(new byte[7 << 20]));

        await AssertErrorAsync(response, HttpStatusCode.GatewayTimeout, null);
    }

    [TestMethod]
    public async Task A_service_that_cannot_be_connected_to_in_time_is_503()
    {
        // A listener whose backlog is full: further connections are neither accepted nor refused.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var full = new List<Socket>();
        for (var i = 0; i < 4; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            full.Add(socket);
            _ = socket.ConnectAsync(listener.LocalEndPoint!);
        }

        await Task.Delay(200);
        var address = new Uri($"http://{listener.LocalEndPoint}");
        await using var gateway = await GatewayHost.StartAsync(address, settings: new Dictionary<string, string>(Impatient, StringComparer.Ordinal)
        {
            ["Gateway:ActivityTimeout"] = "00:00:20",
        });

        using var response = await gateway.Client.GetAsync("/api/x");

        full.ForEach(socket => socket.Dispose());
        await AssertErrorAsync(response, HttpStatusCode.ServiceUnavailable, null);
        Assert.IsNotNull(response.Headers.RetryAfter);
    }

    [TestMethod]
    [DataRow("/api/query", "bad_gateway")]
    [DataRow("/v1/models", "bad_gateway")]
    public async Task A_service_that_hangs_up_or_talks_nonsense_is_502(string path, string code)
    {
        foreach (var answer in new[] { null, "", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 999999 What\r\n\r\n" })
        {
            await using var broken = new BrokenService(answer, thenClose: true);
            await using var gateway = await GatewayHost.StartAsync(broken.Address, broken.Address, Impatient);

            using var response = await gateway.Client.GetAsync(path);

            await AssertErrorAsync(response, HttpStatusCode.BadGateway, code);
            Assert.IsNull(response.Headers.RetryAfter);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task An_answer_that_breaks_off_is_never_passed_on_as_a_whole_one(bool thenClose)
    {
        await using var half = new BrokenService(Half, thenClose);
        await using var gateway = await GatewayHost.StartAsync(half.Address, settings: Impatient);

        await Assert.ThrowsExactlyAsync<HttpRequestException>(() => gateway.Client.GetStringAsync("/api/x"));
    }

    [TestMethod]
    [DataRow("/api/query", "bad_gateway")]
    [DataRow("/v1/models", "bad_gateway")]
    public async Task A_service_that_does_not_believe_the_gateway_is_502_and_not_the_callers_401(string path, string code)
    {
        await using var stub = await StubService.StartAsync(context =>
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Internal";
            return context.Response.WriteAsync("{\"status\":401}");
        });
        await using var gateway = await GatewayHost.StartAsync(stub.Address, stub.Address);

        using var response = await gateway.Client.GetAsync(path);

        await AssertErrorAsync(response, HttpStatusCode.BadGateway, code);
        Assert.IsEmpty(response.Headers.WwwAuthenticate);
    }

    [TestMethod]
    [DataRow("/api/query", 403, "insufficient_scope")]
    [DataRow("/v1/models", 403, "insufficient_scope")]
    [DataRow("/api/query", 404, "not_found")]
    [DataRow("/v1/models", 500, "internal_error")]
    [DataRow("/api/query", 405, "method_not_allowed")]
    public async Task An_error_that_a_service_answers_without_a_body_gets_the_one_that_belongs_to_it(string path, int status, string code)
    {
        await using var stub = await StubService.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayHost.StartAsync(stub.Address, stub.Address);

        using var response = await gateway.Client.GetAsync(path);

        await AssertErrorAsync(response, (HttpStatusCode)status, code);
    }

    [TestMethod]
    [DataRow(400)]
    [DataRow(422)]
    [DataRow(503)]
    public async Task An_error_that_a_service_explains_is_passed_on_as_it_is(int status)
    {
        await using var stub = await StubService.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/problem+json";
            return context.Response.WriteAsync("{\"title\":\"Its own words\"}");
        });
        await using var gateway = await GatewayHost.StartAsync(stub.Address, stub.Address);

        using var response = await gateway.Client.GetAsync("/api/x");

        Assert.AreEqual(status, (int)response.StatusCode);
        Assert.AreEqual("{\"title\":\"Its own words\"}", await response.Content.ReadAsStringAsync());
    }

    [TestMethod]
    [DataRow(200)]
    [DataRow(503)]
    public async Task Healths_report_is_the_apis(int status)
    {
        const string Report = """{"status":"Unhealthy","timestamp":"2026-01-01T00:00:00Z","duration_ms":1,"components":[]}""";
        await using var stub = await StubService.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(Report);
        });
        await using var gateway = await GatewayHost.StartAsync(stub.Address);

        using var response = await gateway.Anonymous.GetAsync("/health");

        Assert.AreEqual(status, (int)response.StatusCode);
        Assert.AreEqual(Report, await response.Content.ReadAsStringAsync());
    }

    [TestMethod]
    public async Task A_caller_who_hangs_up_cancels_the_call_to_the_service()
    {
        var cancelled = new TaskCompletionSource();
        await using var stub = await StubService.StartAsync(async context =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            finally
            {
                cancelled.TrySetResult();
            }
        });
        await using var gateway = await GatewayHost.StartAsync(stub.Address);
        using var hangUp = new CancellationTokenSource(300);

        await Assert.ThrowsAsync<OperationCanceledException>(() => gateway.Client.GetAsync("/api/x", hangUp.Token));

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(5));
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string? code)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(status, response.StatusCode, body);
        ErrorShape.Assert(response, body, code);
    }
}
