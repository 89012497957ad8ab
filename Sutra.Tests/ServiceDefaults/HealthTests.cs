using Sutra.Tests.Harness;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.ServiceDefaults.Health;

namespace Sutra.Tests.ServiceDefaults;

[TestClass]
public sealed class HealthTests
{
    [TestMethod]
    [DataRow("Production")]
    [DataRow("Development")]
    public async Task A_broken_component_makes_health_503_and_names_itself(string environment)
    {
        await using var service = await TestService.StartAsync(
            builder => Add(builder, "storage", () => HealthCheckResult.Unhealthy("no space left"), HealthTags.Health),
            environment: environment);

        using var response = await service.Client.GetAsync("/health");
        var report = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync());

        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.AreEqual("Unhealthy", report.RootElement.GetProperty("status").GetString());
        Assert.IsTrue(report.RootElement.TryGetProperty("timestamp", out _));
        Assert.IsTrue(report.RootElement.TryGetProperty("duration_ms", out _));
        var component = report.RootElement.GetProperty("components").EnumerateArray().Single();
        Assert.AreEqual("storage", component.GetProperty("name").GetString());
        Assert.AreEqual("Unhealthy", component.GetProperty("status").GetString());
        Assert.AreEqual("no space left", component.GetProperty("description").GetString());
        Assert.IsTrue(component.TryGetProperty("duration_ms", out _));
    }

    [TestMethod]
    public async Task Each_endpoint_looks_only_at_its_own_tag()
    {
        await using var service = await TestService.StartAsync(builder =>
        {
            Add(builder, "a", () => HealthCheckResult.Unhealthy(), HealthTags.Ready);
            Add(builder, "b", () => HealthCheckResult.Degraded(), HealthTags.Health);
        });

        Assert.AreEqual(HttpStatusCode.OK, (await service.Client.GetAsync("/alive")).StatusCode);
        Assert.AreEqual(HttpStatusCode.OK, (await service.Client.GetAsync("/health")).StatusCode);
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, (await service.Client.GetAsync("/ready")).StatusCode);
    }

    [TestMethod]
    public async Task Probes_need_no_identity_where_everything_else_does()
    {
        await using var service = await TestService.StartAsync(
            builder =>
            {
                builder.Services.AddAuthentication("none").AddCookie("none", cookie =>
                    cookie.Events.OnRedirectToLogin = context =>
                    {
                        context.Response.StatusCode = 401;
                        return Task.CompletedTask;
                    });
                builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            },
            app => app.MapGet("/secret", () => "secret"));

        Assert.AreEqual(HttpStatusCode.Unauthorized, (await service.Client.GetAsync("/secret")).StatusCode);
        foreach (var path in new[] { "/alive", "/health", "/ready" })
        {
            Assert.AreEqual(HttpStatusCode.OK, (await service.Client.GetAsync(path)).StatusCode, path);
        }
    }

    [TestMethod]
    public async Task A_check_that_hangs_and_ignores_its_cancellation_is_unhealthy_in_time()
    {
        await using var service = await TestService.StartAsync(
            builder => builder.Services.AddHealthChecks().AddAsyncCheck(
                "deaf",
                async () =>
                {
                    await Task.Delay(Timeout.Infinite);
                    return HealthCheckResult.Healthy();
                },
                [HealthTags.Health]),
            settings: ("ServiceDefaults:Health:Timeout", "00:00:00.050"));

        var body = await (await service.Client.GetAsync("/health").WaitAsync(TimeSpan.FromSeconds(20))).Content.ReadAsStringAsync();

        StringAssert.Contains(body, "no answer within 0.05 s");
    }

    [TestMethod]
    public async Task What_a_check_throws_is_not_published()
    {
        await using var service = await TestService.StartAsync(builder =>
            Add(builder, "db", () => throw new InvalidOperationException("password=hunter2"), HealthTags.Health));

        using var response = await service.Client.GetAsync("/health");
        var body = await response.Content.ReadAsStringAsync();

        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        StringAssert.Contains(body, "InvalidOperationException");
        Assert.IsFalse(body.Contains("hunter2", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Many_probes_cost_one_check_until_the_result_is_old()
    {
        var time = new ManualTime();
        var runs = 0;
        await using var service = await TestService.StartAsync(builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            Add(
                builder,
                "counted",
                () =>
                {
                    Interlocked.Increment(ref runs);
                    return HealthCheckResult.Healthy();
                },
                HealthTags.Health);
        });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => service.Client.GetAsync("/health")));
        Assert.AreEqual(1, runs);

        time.Advance(TimeSpan.FromSeconds(0.9));
        await service.Client.GetAsync("/health");
        Assert.AreEqual(1, runs);

        time.Advance(TimeSpan.FromSeconds(0.2));
        await service.Client.GetAsync("/health");
        Assert.AreEqual(2, runs);
    }

    private static void Add(WebApplicationBuilder builder, string name, Func<HealthCheckResult> check, string tag) =>
        builder.Services.AddHealthChecks().AddCheck(name, check, [tag]);
}
