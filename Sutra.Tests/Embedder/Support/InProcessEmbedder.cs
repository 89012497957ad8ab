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

namespace Sutra.Tests.Embedder.Support;

/// <summary>The embedder without its doors: a pipeline over any model folder, in this process.</summary>
internal sealed class InProcessEmbedder : IDisposable
{
    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    public InProcessEmbedder(
        string folder,
        Action<EmbedderOptions>? configure = null,
        EmbedderTelemetry? telemetry = null,
        IVectorCache? cache = null,
        Action<ServingOptions>? serve = null,
        TimeProvider? time = null,
        params IModelSource[] sources)
    {
        // Tests run beside others, on a machine that may be slow: no text is refused for the time that it would wait.
        var options = new EmbedderOptions { ModelPath = folder, InteractiveDelay = TimeSpan.FromMinutes(5), BulkDelay = TimeSpan.FromMinutes(5) };
        configure?.Invoke(options);
        var serving = new ServingOptions { HardwareProfile = HardwareProfile.Cpu };
        serve?.Invoke(serving);
        telemetry ??= new EmbedderTelemetry(Meters);
        time ??= TimeProvider.System;
        Engine = new EmbeddingEngine(options, telemetry, time, NullLogger<EmbeddingEngine>.Instance);
        var configured = new ConfiguredModels(Options.Create(options));
        var loader = new ModelLoader(Options.Create(options), Options.Create(serving), telemetry, time, NullLogger<ModelLoader>.Instance);
        Host = new ModelHost(configured, new ModelIndex(configured, sources), loader, Options.Create(serving), time, NullLogger<ModelHost>.Instance);
        // Loaded before the first call, so that calls reach the queue before they return; a model that is broken says so to the first call.
        _ = Task.WhenAny(Host.AcquireAsync().AsTask()).GetAwaiter().GetResult();
        Selector = new ModelSelector(Host, ModelCatalog.BuiltIn);
        Pipeline = new EmbeddingPipeline(Selector, Engine, cache ?? new NoVectorCache(), Options.Create(options), telemetry, time, NullLogger<EmbeddingPipeline>.Instance);
    }

    public EmbeddingEngine Engine { get; }

    public ModelHost Host { get; }

    public ModelSelector Selector { get; }

    public EmbeddingPipeline Pipeline { get; }

    public int Waiting => Engine.Waiting;

    public async Task<IReadOnlyList<EmbeddedText>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellation = default) =>
        (await Pipeline.EmbedAsync(new EmbeddingCall { Texts = texts }, cancellation)).Items;

    public async Task<IReadOnlyList<EmbeddedText>> EmbedTokensAsync(IReadOnlyList<int[]> texts, CancellationToken cancellation = default) =>
        (await Pipeline.EmbedAsync(new EmbeddingCall { Tokens = texts }, cancellation)).Items;

    public async Task<EmbeddedText> EmbedPatientlyAsync(string text) =>
        (await Pipeline.EmbedAsync(new EmbeddingCall { Texts = [text], IsPatient = true })).Items[0];

    public async Task<ModelIdentity> IdentityAsync()
    {
        using var lease = await Host.AcquireAsync();
        return lease.Model.Identity;
    }

    public void Dispose()
    {
        Engine.Dispose();
        Host.Dispose();
    }
}
