using System.Diagnostics.Metrics;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.Telemetry;

/// <summary>What the embedder measures; meter <c>Sutra.Embedder</c>.</summary>
internal sealed class EmbedderTelemetry
{
    public const string MeterName = "Sutra.Embedder";

    /// <summary>What a call is counted as that failed for no reason that we know of.</summary>
    public const string Unforeseen = "failed";

    // From a static model's tens of microseconds to a long text on a busy machine.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private static readonly InstrumentAdvice<int> Texts = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048] };

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
        _requestDuration = meter.CreateHistogram("embedding_request_duration_seconds", "s", "Duration of one call.", advice: Seconds);
        _texts = meter.CreateCounter<long>("embedding_texts_total", description: "Texts embedded.");
        _tokens = meter.CreateCounter<long>("embedding_tokens_total", description: "Tokens read, special ones included.");
        _padding = meter.CreateCounter<long>("embedding_padding_tokens_total", description: "Tokens of padding run along.");
        _truncated = meter.CreateCounter<long>("embedding_truncated_texts_total", description: "Texts that were longer than their model reads.");
        _batchSize = meter.CreateHistogram("embedding_batch_size", description: "Texts in one run.", advice: Texts);
        _runDuration = meter.CreateHistogram("embedding_run_duration_seconds", "s", "Duration of one run, pooling included.", advice: Seconds);
        _queueDuration = meter.CreateHistogram("embedding_queue_duration_seconds", "s", "From being queued until a worker took it, of the oldest text of a run.", advice: Seconds);
        _loadDuration = meter.CreateHistogram("model_load_duration_seconds", "s", "Duration of loading a model and trying it out.", advice: Seconds);
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

    /// <param name="model">Who answered.</param>
    /// <param name="failure">What went wrong on our side with one of the texts.</param>
    /// <param name="duration">Of the call.</param>
    public void Answered(string model, TextFailure failure, TimeSpan duration)
    {
        var status = failure switch { TextFailure.None => "ok", TextFailure.Late => "late", _ => Unforeseen };
        _requests.Add(1, KeyValuePair.Create("model", (object?)model), KeyValuePair.Create("status", (object?)status));
        _requestDuration.Record(duration.TotalSeconds, KeyValuePair.Create("model", (object?)model));
    }

    /// <returns>What the call is counted as.</returns>
    public string Failed(Exception error, TimeSpan duration)
    {
        var status = StatusOf(error);
        _requests.Add(1, KeyValuePair.Create("status", (object?)status));
        _requestDuration.Record(duration.TotalSeconds);
        return status;
    }

    private static string StatusOf(Exception error) => error switch
    {
        OverloadException => "overloaded",
        OperationCanceledException => "cancelled",
        CallException or Serving.UnknownModelException => "refused",
        Serving.ModelUnavailableException => "unavailable",
        _ => Unforeseen,
    };
}
