using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Telemetry;

namespace Sutra.Tests.Embedder.Support;

/// <summary>An engine in this process, over any model folder.</summary>
internal static class EngineFactory
{
    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    public static EmbeddingEngine Create(string folder, Action<EmbedderOptions>? configure = null, EmbedderTelemetry? telemetry = null)
    {
        var options = new EmbedderOptions { ModelPath = folder };
        configure?.Invoke(options);
        return new EmbeddingEngine(options, telemetry ?? new EmbedderTelemetry(Meters), TimeProvider.System, NullLogger<EmbeddingEngine>.Instance);
    }
}
