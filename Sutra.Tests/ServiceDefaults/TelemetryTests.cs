using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Sutra.ServiceDefaults.Health;
using Sutra.ServiceDefaults.Startup;
using Sutra.Tests.Harness;

namespace Sutra.Tests.ServiceDefaults;

[TestClass]
public sealed class TelemetryTests
{
    [TestMethod]
    public async Task Without_a_collector_nothing_listens()
    {
        await using var service = await TestService.StartAsync();

        Assert.IsNull(service.App.Services.GetService<TracerProvider>());
    }

    [TestMethod]
    public async Task Requests_and_own_sources_are_traced_and_probes_are_not()
    {
        using var own = new ActivitySource("Sutra.Tests.Own");
        var spans = new Spans();
        await using (var service = await StartAsync(
            spans,
            app => app.MapGet("/thing", () =>
            {
                own.StartActivity("inside")?.Dispose();
                return "thing";
            }),
            () => own.StartActivity("caused by a probe")?.Dispose()))
        {
            await service.Client.GetAsync("/thing");
            await service.Client.GetAsync("/health");
            await service.Client.GetAsync("/alive");
            await service.Client.GetAsync("/ready");
        }

        var inside = spans.Ended.Single(span => span.DisplayName == "inside");
        var request = spans.Ended.Single(span => span.SpanId == inside.ParentSpanId);
        Assert.AreEqual("/thing", request.GetTagItem("url.path"));
        Assert.IsFalse(spans.Ended.Any(span => Probes.Contains(span.GetTagItem("url.path"))));
        Assert.IsFalse(spans.Ended.Any(span => span.DisplayName == "caused by a probe"));
    }

    [TestMethod]
    public async Task A_collector_that_nobody_runs_does_not_hold_up_the_end()
    {
        var service = await StartAsync(new Spans(), app => app.MapGet("/thing", () => "thing"));
        await service.Client.GetAsync("/thing");
        var watch = Stopwatch.StartNew();

        await service.DisposeAsync();

        Assert.IsLessThan(TimeSpan.FromSeconds(5), watch.Elapsed);
    }

    [TestMethod]
    public async Task A_sampler_that_does_not_exist_stops_the_start()
    {
        await using var app = TestService.Build(settings: [Collector(), ("OTEL_TRACES_SAMPLER", "sometimes")]);

        var error = await Assert.ThrowsAsync<Exception>(() => app.StartAsync());

        StringAssert.Contains(StartupError.Describe(error), "OTEL_TRACES_SAMPLER is 'sometimes'");
    }

    private static readonly object[] Probes = ["/health", "/alive", "/ready"];

    private static Task<TestService> StartAsync(Spans spans, Action<WebApplication> map, Action? check = null) =>
        TestService.StartAsync(
            builder =>
            {
                builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(spans));
                builder.Services.AddHealthChecks().AddCheck(
                    "check",
                    () =>
                    {
                        check?.Invoke();
                        return HealthCheckResult.Healthy();
                    },
                    [HealthTags.Health]);
            },
            map,
            settings: [Collector(), ("OTEL_TRACES_SAMPLER", "always_on"), ("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory")]);

    private static (string Key, string Value) Collector() => ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{FreePort.Next()}");

    private sealed class Spans : BaseProcessor<Activity>
    {
        public ConcurrentBag<Activity> Ended { get; } = [];

        public override void OnEnd(Activity data) => Ended.Add(data);
    }
}
