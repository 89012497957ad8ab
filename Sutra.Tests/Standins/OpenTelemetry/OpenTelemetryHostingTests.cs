using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Sutra.Tests.Standins.OpenTelemetry;

[TestClass]
public sealed class OpenTelemetryHostingTests
{
    [TestMethod]
    public async Task Telemetry_listens_before_other_services_start_and_is_flushed_after_they_stop()
    {
        using var source = new ActivitySource("Sutra.Tests.Hosting");
        var spans = new Spans();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHostedService(_ => new Worker(source));
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(source.Name).AddProcessor(spans));
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("twice"));

        using (var host = builder.Build())
        {
            await host.StartAsync();
            CollectionAssert.AreEqual(new[] { "start" }, spans.Names);
            await host.StopAsync();
        }

        CollectionAssert.AreEqual(new[] { "start", "stop" }, spans.Names);
        Assert.IsTrue(spans.Flushed);
        Assert.AreEqual("twice", spans.Service);
    }

    private sealed class Worker(ActivitySource source) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Do("start");

        public Task StopAsync(CancellationToken cancellationToken) => Do("stop");

        private Task Do(string what)
        {
            source.StartActivity(what)?.Dispose();
            return Task.CompletedTask;
        }
    }

    private sealed class Spans : BaseProcessor<Activity>
    {
        public List<string> Names { get; } = [];

        public bool Flushed { get; private set; }

        public object? Service { get; private set; }

        public override void OnEnd(Activity data)
        {
            Names.Add(data.DisplayName);
            Service = ParentProvider.GetResource().Attributes.FirstOrDefault(attribute => attribute.Key == "service.name").Value;
        }

        protected override bool OnShutdown(int timeoutMilliseconds)
        {
            Flushed = true;
            return true;
        }
    }
}
