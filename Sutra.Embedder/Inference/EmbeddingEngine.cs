using Sutra.Embedder.Models;
using Sutra.Embedder.Telemetry;
using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Inference;

/// <summary>The queue and the workers that all loaded models share: tokens in, vectors out. Thread-safe.</summary>
internal sealed class EmbeddingEngine : IDisposable
{
    private readonly TextQueue _queue;
    private readonly EmbeddingWorkers _workers;
    private readonly TimeProvider _time;

    public EmbeddingEngine(EmbedderOptions options, EmbedderTelemetry telemetry, TimeProvider time, ILogger<EmbeddingEngine> logger)
    {
        var workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
        _queue = new TextQueue(
            new QueueLimits(options.QueueCapacity, options.InteractiveDelay, options.BulkDelay, options.QueueDeadline, workers), time);
        telemetry.Watch(_queue);
        _time = time;
        _workers = new EmbeddingWorkers(workers, _queue, telemetry, time, logger);
    }

    public int Workers => _workers.Count;

    public int AliveWorkers => _workers.Alive;

    /// <summary>Texts that no worker has taken yet.</summary>
    public int Waiting => _queue.Waiting;

    /// <summary>Most texts that may wait.</summary>
    public int Capacity => _queue.Capacity;

    /// <summary>How long a request that came now would be expected to wait.</summary>
    public TimeSpan ExpectedWait(Lane lane) => _queue.ExpectedWait(lane);

    /// <summary>Runs a request; the result is in the order of its texts. Cancellation takes what still waits out of the queue.</summary>
    /// <param name="request">Owned from here on.</param>
    /// <param name="isPatient">Where others would be refused, wait for room: for a caller that holds itself back.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="OverloadException">Too much waits.</exception>
    public async Task<TextEmbedding[]> RunAsync(EmbeddingRequest request, bool isPatient = false, CancellationToken cancellation = default)
    {
        request.HoldModel();
        await EnqueueAsync(request, isPatient, cancellation);
        await using var registration = cancellation.UnsafeRegister(
            static (state, token) =>
            {
                var (queue, request) = ((TextQueue, EmbeddingRequest))state!;
                request.Cancel(token);
                queue.Remove(request);
            },
            (_queue, request));
        return await request.Completion;
    }

    /// <summary>Whether this model really runs: lately for somebody, or now on one token. What it answers does not matter, that it does, does.</summary>
    public async Task<bool> WorksAsync(ScheduledModel model, TextTokenizer tokenizer, TimeSpan lately, CancellationToken cancellation = default)
    {
        if (!model.IsFailing && model.LastSuccess is { } success && _time.GetElapsedTime(success) <= lately)
        {
            return true;
        }

        var tokens = new TokenBuffer();
        var range = tokenizer.Encode([0], model.MaxTokens, tokens);
        var answers = await RunAsync(new EmbeddingRequest(model, tokens, [range]), isPatient: true, cancellation);
        return answers[0].Failure is TextFailure.None or TextFailure.NothingKnown;
    }

    public void Dispose() => _workers.Dispose();

    private async ValueTask EnqueueAsync(EmbeddingRequest request, bool isPatient, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            while (_queue.TryAdd(request, isPatient) is { IsAccepted: false, Wait: var wait })
            {
                if (!isPatient)
                {
                    throw new OverloadException(wait);
                }

                await _queue.WaitForRoomAsync(request.Texts.Length, cancellation);
            }
        }
        catch
        {
            request.Close(request.Texts.Length);
            throw;
        }
    }
}
