using System.Net.Http.Json;
using Sutra.Tests.Harness;

namespace Sutra.Tests.AppHost.Run;

/// <summary>What a project sees, told by itself.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class EnvironmentTests
{
    private static readonly Dictionary<string, string?> s_appHost = new()
    {
        ["DOTNET_ENVIRONMENT"] = "Development",
        ["ASPNETCORE_ENVIRONMENT"] = "Staging",
        ["ASPNETCORE_URLS"] = "http://localhost:1",
        ["DOTNET_LAUNCH_PROFILE"] = "http",
        ["ASPIRE_LOGLEVEL"] = "Debug",
        ["INHERITED"] = "yes",
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = null,
    };

    [TestMethod]
    public async Task A_project_sees_what_Aspire_would_give_it()
    {
        await using var probe = Probe.Start("web", s_appHost);
        var (environment, address) = await EnvironmentOfAsync(probe, "web");
        var back = await probe.MatchAsync(@"^  back-end +Running +http://localhost:(\d+), http://localhost:(\d+) \(grpc\)");
        var server = await probe.MatchAsync(@"^  server +Running +tcp://localhost:(\d+)");
        var http = $"http://localhost:{back.Groups[1].Value}";
        var grpc = $"http://localhost:{back.Groups[2].Value}";

        AssertVariables(environment, new()
        {
            ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
            ["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true",
            ["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://localhost:18889",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
            ["OTEL_SERVICE_NAME"] = "web",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "1000",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
            ["OTEL_TRACES_SAMPLER"] = "always_on",
            ["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based",
            ["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true",
            ["LOGGING__CONSOLE__FORMATTERNAME"] = "simple",
            ["ASPNETCORE_URLS"] = address.ToString().TrimEnd('/'),
            ["DOTNET_LAUNCH_PROFILE"] = "web",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["FROM_PROFILE"] = "profile",
            ["OVERRIDDEN"] = "by the AppHost",
            ["BACK_END_HTTP"] = http,
            ["services__back-end__http__0"] = http,
            ["BACK_END_GRPC"] = grpc,
            ["services__back-end__grpc__0"] = grpc,
            ["ConnectionStrings__cache"] = $"localhost:{server.Groups[1].Value},password=p@ss",
            ["BACK_ADDRESS"] = $"<{http}>",
            ["ESCAPED"] = "p%40ss",
            ["INHERITED"] = "yes",
        });
        StringAssert.Matches(environment["OTEL_RESOURCE_ATTRIBUTES"], new("^service.instance.id=[a-z]{8}$"));
        foreach (var name in new[] { "DOTNET_ENVIRONMENT", "ASPIRE_LOGLEVEL", "HTTP_PORTS", "ASPNETCORE_FORWARDEDHEADERS_ENABLED", "OTEL_EXPORTER_OTLP_HEADERS" })
        {
            Assert.IsFalse(environment.ContainsKey(name), name);
        }
    }

    [TestMethod]
    public async Task A_project_with_two_endpoints_listens_on_both_and_knows_which_is_which()
    {
        await using var probe = Probe.Start("web", s_appHost);
        var (environment, _) = await EnvironmentOfAsync(probe, "back-end");

        var urls = environment["ASPNETCORE_URLS"].Split(';');
        Assert.HasCount(2, urls);
        Assert.AreEqual($"http://localhost:{environment["GRPC_PORT"]}", urls[1]);
    }

    [TestMethod]
    public async Task A_dashboard_and_production_are_reflected()
    {
        var appHost = new Dictionary<string, string?>(s_appHost) { ["DOTNET_ENVIRONMENT"] = "Production", ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://localhost:4317" };
        await using var probe = Probe.Start("web", appHost);
        var (environment, _) = await EnvironmentOfAsync(probe, "web");

        Assert.AreEqual("http://localhost:4317", environment["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.IsFalse(environment.ContainsKey("OTEL_TRACES_SAMPLER"));
        Assert.AreEqual("in_memory", environment["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"]);
    }

    [TestMethod]
    public async Task Replicas_share_a_name_and_differ_in_instance_and_port()
    {
        await using var probe = Probe.Start("replicas", s_appHost);
        var address = await probe.AddressOfAsync("web");

        var seen = new List<Dictionary<string, string>>();
        for (var i = 0; i < 3; i++)
        {
            seen.Add(await ReadAsync(address));
        }

        Assert.AreEqual("web", seen.Select(e => e["OTEL_SERVICE_NAME"]).Distinct().Single());
        Assert.AreEqual(3, seen.Select(e => e["OTEL_RESOURCE_ATTRIBUTES"]).Distinct().Count());
        Assert.AreEqual(3, seen.Select(e => e["ASPNETCORE_URLS"]).Distinct().Count());
        CollectionAssert.DoesNotContain(seen.Select(e => e["ASPNETCORE_URLS"]).ToArray(), address.ToString().TrimEnd('/'));
    }

    private static async Task<(Dictionary<string, string> Environment, Uri Address)> EnvironmentOfAsync(Probe probe, string resource)
    {
        var address = await probe.AddressOfAsync(resource);
        return (await ReadAsync(address), address);
    }

    /// <summary>"Running" only means started: asks until the program listens.</summary>
    private static async Task<Dictionary<string, string>> ReadAsync(Uri address)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
                return (await http.GetFromJsonAsync<Dictionary<string, string>>(new Uri(address, "environment")))!;
            }
            catch (HttpRequestException) when (tries < 200)
            {
                await Task.Delay(50);
            }
        }
    }

    private static void AssertVariables(Dictionary<string, string> actual, Dictionary<string, string> expected)
    {
        foreach (var (name, value) in expected)
        {
            Assert.AreEqual(value, actual.GetValueOrDefault(name), name);
        }
    }
}
