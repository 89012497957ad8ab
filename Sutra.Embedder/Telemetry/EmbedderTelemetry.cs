using System.Diagnostics.Metrics;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.Telemetry;

/// <summary>What the embedder measures; meter <c>Sutra.Embedder</c>.</summary>
internal sealed class EmbedderTelemetry
{
    public const string MeterName = "Sutra.Embedder";

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _requestDuration;
    private readonly Counter<long> _texts;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _padding;
    private readonly Counter<long> _truncated;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _runDuration;
    private readonly Histogram<double> _queueDuration;
    private readonly Histogram<double> _loadDuration;
    private Func<int> _waiting = () => 0;

    public EmbedderTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("embedding_requests_total", description: "Calls answered or refused, by outcome.");
        _requestDuration = meter.CreateHistogram<double>("embedding_request_duration_seconds", "s", "Duration of one call.");
        _texts = meter.CreateCounter<long>("embedding_texts_total", description: "Texts embedded.");
        _tokens = meter.CreateCounter<long>("embedding_tokens_total", description: "Tokens read, special ones included.");
        _padding = meter.CreateCounter<long>("embedding_padding_tokens_total", description: "Tokens of padding run along.");
        _truncated = meter.CreateCounter<long>("embedding_truncated_texts_total", description: "Texts that were longer than their model reads.");
        _batchSize = meter.CreateHistogram<int>("embedding_batch_size", description: "Texts in one run.");
        _runDuration = meter.CreateHistogram<double>("embedding_run_duration_seconds", "s", "Duration of one run, pooling included.");
        _queueDuration = meter.CreateHistogram<double>("embedding_queue_duration_seconds", "s", "From being queued until a worker took it, of the oldest text of a run.");
        _loadDuration = meter.CreateHistogram<double>("model_load_duration_seconds", "s", "Duration of loading a model and trying it out.");
        meter.CreateObservableGauge("embedding_queue_texts", () => _waiting(), description: "Texts that wait for a worker.");
    }

    public void Watch(TextQueue queue) => _waiting = () => queue.Waiting;

    public void Ran(string model, List<PendingText> batch, TimeSpan duration, TimeSpan queued)
    {
        int tokens = 0, longest = 0, truncated = 0;
        foreach (var text in batch)
        {
            tokens += text.Length;
            longest = Math.Max(longest, text.Length);
            truncated += text.Range.Truncated ? 1 : 0;
        }

        var tag = KeyValuePair.Create("model", (object?)model);
        _texts.Add(batch.Count, tag);
        _tokens.Add(tokens, tag);
        _padding.Add((batch.Count * longest) - tokens, tag);
        _truncated.Add(truncated, tag);
        _batchSize.Record(batch.Count, tag);
        _runDuration.Record(duration.TotalSeconds, tag);
        _queueDuration.Record(queued.TotalSeconds, tag);
    }

    public void Loaded(string model, TimeSpan duration) => _loadDuration.Record(duration.TotalSeconds, KeyValuePair.Create("model", (object?)model));

    public void Answered(EmbeddingAnswer answer)
    {
        _requests.Add(1, KeyValuePair.Create("model", (object?)answer.Model.Name), KeyValuePair.Create("status", (object?)"ok"));
        _requestDuration.Record(answer.Timings.Total.TotalSeconds, KeyValuePair.Create("model", (object?)answer.Model.Name));
    }

    public void Failed(Exception error, TimeSpan duration)
    {
        _requests.Add(1, KeyValuePair.Create("status", (object?)StatusOf(error)));
        _requestDuration.Record(duration.TotalSeconds);
    }

    private static string StatusOf(Exception error) => error switch
    {
        OverloadException => "overloaded",
        OperationCanceledException => "cancelled",
        CallException or Serving.UnknownModelException => "refused",
        Serving.ModelUnavailableException => "unavailable",
        _ => "failed",
    };
}
