using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Sutra.Embedder;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Telemetry;
using Sutra.Embedder.Tokenization;
using Sutra.Bench.Embedder.Rigs;

namespace Sutra.Bench.Embedder;

/// <summary>Rounds of the engine and of the floor, alternating; medians of five with the spread.</summary>
internal sealed class BuiltInBench : IDisposable
{
    private const int Rounds = 5;
    private const int TextsPerCall = 128;
    private static readonly TimeSpan RoundLength = TimeSpan.FromSeconds(2);

    private readonly EmbeddingEngine _engine;
    private readonly LoadedModel _model;
    private readonly RawStaticModel _raw;
    private readonly string[][] _calls;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private BuiltInBench(string folder, string[] sentences)
    {
        var telemetry = new EmbedderTelemetry(_services.GetRequiredService<IMeterFactory>());
        var options = new EmbedderOptions { BulkDelay = TimeSpan.FromMinutes(1) };
        _model = LoadedModel.Load(ModelFolder.Open(folder), name: null, options);
        _engine = new EmbeddingEngine(options, telemetry, TimeProvider.System, NullLogger<EmbeddingEngine>.Instance);
        _calls = [.. sentences.Chunk(TextsPerCall)];
        _raw = new RawStaticModel(folder, sentences);
    }

    public static async Task RunAsync(string folder, string[] sentences)
    {
        Console.WriteLine($"{Environment.ProcessorCount} cores, {Path.GetFileName(folder)}, {sentences.Length} sentences, {sentences.Average(s => s.Length):F0} characters on average");
        using var bench = new BuiltInBench(folder, sentences);
        await bench.RunAsync();
        bench.RunLongTexts();
    }

    private async Task RunAsync()
    {
        await EngineRoundAsync();
        RawRound();
        var (engine, raw) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            engine.Add(await EngineRoundAsync());
            raw.Add(RawRound());
        }

        Print("engine, tokenizer included", engine);
        Print("raw runs on ready ids (floor)", raw);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"engine / floor: {Median(engine) / Median(raw):F2}"));
    }

    /// <summary>What one long text costs, where counting repeated pieces grows with the square of the length.</summary>
    private void RunLongTexts()
    {
        foreach (var tokens in new[] { 64, 256, 512, 1024, 2048 })
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one text of {tokens,4} tokens: {_raw.MillisecondsFor(tokens):F3} ms"));
        }
    }

    private async Task<double> EngineRoundAsync()
    {
        var started = Stopwatch.GetTimestamp();
        var callers = Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(async caller =>
        {
            long done = 0;
            for (var call = caller; Stopwatch.GetElapsedTime(started) < RoundLength; call++)
            {
                var texts = _calls[call % _calls.Length];
                await EmbedAsync(texts);
                done += texts.Length;
            }

            return done;
        }).ToArray();
        var texts = (await Task.WhenAll(callers)).Sum();
        return texts / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private Task<TextEmbedding[]> EmbedAsync(string[] texts)
    {
        var tokens = new TokenBuffer();
        var ranges = new TokenRange[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            ranges[i] = _model.Tokenizer.Encode(texts[i], _model.MaxTokens, tokens);
        }

        return _engine.RunAsync(new EmbeddingRequest(_model, tokens, ranges, Lane.Bulk));
    }

    private double RawRound()
    {
        var started = Stopwatch.GetTimestamp();
        long texts = 0;
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            while (Stopwatch.GetElapsedTime(started) < RoundLength)
            {
                Interlocked.Add(ref texts, _raw.RunAll());
            }
        });
        return texts / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Print(string name, List<double> rates) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{name}: {Median(rates):N0} texts/s (from {rates.Min():N0} to {rates.Max():N0}, {Rounds} rounds)"));

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    public void Dispose()
    {
        _engine.Dispose();
        _model.Dispose();
        _raw.Dispose();
        _services.Dispose();
    }
}
