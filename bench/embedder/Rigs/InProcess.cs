using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Selection;
using Sutra.Embedder.Serving;
using Sutra.Embedder.Telemetry;

namespace Sutra.Bench.Embedder.Rigs;

/// <summary>The embedder's own path without its doors and without a cache: selection, tokenizer, queue, workers, pooling.</summary>
internal sealed class InProcess : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ModelHost _host;
    private readonly EmbeddingEngine _engine;
    private readonly EmbeddingPipeline _pipeline;

    public InProcess(string folder)
    {
        var options = Options.Create(new EmbedderOptions { ModelPath = folder, BulkDelay = TimeSpan.FromMinutes(10) });
        var telemetry = new EmbedderTelemetry(_services.GetRequiredService<IMeterFactory>());
        var serving = Options.Create(new ServingOptions { HardwareProfile = HardwareProfile.Cpu });
        var configured = new ConfiguredModels(options);
        var loader = new ModelLoader(options, serving, telemetry, TimeProvider.System, NullLogger<ModelLoader>.Instance);
        _host = new ModelHost(configured, new ModelIndex(configured, []), loader, serving, TimeProvider.System, NullLogger<ModelHost>.Instance);
        _engine = new EmbeddingEngine(options.Value, telemetry, TimeProvider.System, NullLogger<EmbeddingEngine>.Instance);
        _pipeline = new EmbeddingPipeline(new ModelSelector(_host, ModelCatalog.BuiltIn), _engine, new NoVectorCache(), options, telemetry, TimeProvider.System, NullLogger<EmbeddingPipeline>.Instance);
    }

    /// <returns>Texts a second, all of them in one call.</returns>
    public async Task<double> RoundAsync(IReadOnlyList<string> texts)
    {
        var started = Stopwatch.GetTimestamp();
        await EmbedAsync(texts);
        return texts.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public async Task<float[][]> EmbedAsync(IReadOnlyList<string> texts) =>
        [.. (await _pipeline.EmbedAsync(new EmbeddingCall { Texts = texts, Lane = Lane.Bulk })).Items.Select(item => item.Values.ToArray())];

    public void Dispose()
    {
        _engine.Dispose();
        _host.Dispose();
        _services.Dispose();
    }
}
