using System.Diagnostics.Metrics;
using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Telemetry;

/// <summary>What the embedder measures; meter <c>Sutra.Embedder</c>.</summary>
internal sealed class EmbedderTelemetry
{
    public const string MeterName = "Sutra.Embedder";

    private readonly Counter<long> _texts;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _padding;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _runDuration;
    private Func<int> _waiting = () => 0;

    public EmbedderTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _texts = meter.CreateCounter<long>("embedding_texts_total", description: "Texts embedded.");
        _tokens = meter.CreateCounter<long>("embedding_tokens_total", description: "Tokens read, special ones included.");
        _padding = meter.CreateCounter<long>("embedding_padding_tokens_total", description: "Tokens of padding run along.");
        _batchSize = meter.CreateHistogram<int>("embedding_batch_size", description: "Texts in one run.");
        _runDuration = meter.CreateHistogram<double>("embedding_run_duration_seconds", "s", "Duration of one run, pooling included.");
        meter.CreateObservableGauge("embedding_queue_texts", () => _waiting(), description: "Texts that wait for a worker.");
    }

    public void Watch(TextQueue queue) => _waiting = () => queue.Waiting;

    public void Ran(List<PendingText> batch, TimeSpan duration)
    {
        int tokens = 0, longest = 0;
        foreach (var text in batch)
        {
            tokens += text.Length;
            longest = Math.Max(longest, text.Length);
        }

        _texts.Add(batch.Count);
        _tokens.Add(tokens);
        _padding.Add((batch.Count * longest) - tokens);
        _batchSize.Record(batch.Count);
        _runDuration.Record(duration.TotalSeconds);
    }
}
