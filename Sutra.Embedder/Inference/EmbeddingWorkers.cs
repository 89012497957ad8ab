using Sutra.Embedder.Telemetry;

namespace Sutra.Embedder.Inference;

/// <summary>One thread per core, each taking batches from the queue and running them, whatever their model.</summary>
internal sealed partial class EmbeddingWorkers : IDisposable
{
    private const double WatchShare = 0.25;
    private static readonly TimeSpan MaxWatch = TimeSpan.FromMilliseconds(2);

    private readonly TextQueue _queue;
    private readonly EmbedderTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread[] _threads;

    public EmbeddingWorkers(int count, TextQueue queue, EmbedderTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        _queue = queue;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"embedding-{i}" };
            _threads[i].Start();
        }
    }

    public int Count => _threads.Length;

    public int Alive => _threads.Count(thread => thread.IsAlive);

    /// <summary>Finishes what is queued, then ends the threads.</summary>
    public void Dispose()
    {
        _queue.Close();
        foreach (var thread in _threads)
        {
            // The host may end in what goes on in a worker after its last request.
            if (thread != Thread.CurrentThread)
            {
                thread.Join();
            }
        }
    }

    private void Work()
    {
        var pass = new ForwardPass();
        List<PendingText> batch = [], late = [];
        var watch = TimeSpan.Zero;
        while (_queue.Take(batch, late, watch))
        {
            foreach (var text in late)
            {
                text.Request.Fail(text, TextFailure.Late);
            }

            if (batch.Count > 0)
            {
                watch = WatchAfter(Run(pass, batch));
            }
        }
    }

    // A core that sleeps takes its time to wake. One worker at a time stays awake for as long as a client that has just been
    // answered may need for its next text; being in proportion to the run it costs a server that has little to do little.
    private static TimeSpan WatchAfter(TimeSpan run) => Environment.ProcessorCount == 1 ? TimeSpan.Zero : run * WatchShare < MaxWatch ? run * WatchShare : MaxWatch;

    // How long the model ran.
    private TimeSpan Run(ForwardPass pass, List<PendingText> batch)
    {
        var model = batch[0].Request.Model;
        var outputs = new float[]?[batch.Count];
        var duration = TimeSpan.Zero;
        try
        {
            var started = _time.GetTimestamp();
            foreach (var text in batch)
            {
                text.Request.Taken(started);
            }

            model.Run(pass, batch, outputs);
            var ended = _time.GetTimestamp();
            duration = _time.GetElapsedTime(started, ended);
            model.Succeeded(ended);
            model.Took(duration, batch.Count * Longest(batch));
            _telemetry.Ran(model.Name, batch, duration, _time.GetElapsedTime(batch[0].Request.QueuedAt, started));
            foreach (var text in batch)
            {
                text.Request.Ran(duration);
            }
        }
        catch (Exception e) when (batch.Count > 1)
        {
            // One text must not fail its neighbours: each by itself.
            Log.BatchFailed(_logger, model.Name, batch.Count, e);
            return batch.Aggregate(TimeSpan.Zero, (sum, text) => sum + Run(pass, [text]));
        }
        catch (Exception e)
        {
            model.Failed();
            Log.RunFailed(_logger, model.Name, e);
            batch[0].Request.Fail(batch[0], TextFailure.ModelFailed);
            return duration;
        }

        // With nothing else to do the worker finishes the request itself, which saves waking a thread for it.
        var inline = batch.Count == 1 && _queue.Waiting == 0;
        for (var i = 0; i < batch.Count; i++)
        {
            if (outputs[i] is { } values)
            {
                batch[i].Request.Complete(batch[i], values, inline);
            }
            else
            {
                batch[i].Request.Fail(batch[i], TextFailure.NothingKnown);
            }
        }

        return duration;
    }

    private static int Longest(List<PendingText> batch)
    {
        var longest = 0;
        foreach (var text in batch)
        {
            longest = Math.Max(longest, text.Length);
        }

        return longest;
    }

    private static partial class Log
    {
        [LoggerMessage(310, LogLevel.Warning, "A run of {Model} with {Texts} texts failed; each is tried by itself")]
        public static partial void BatchFailed(ILogger logger, string model, int texts, Exception error);

        [LoggerMessage(311, LogLevel.Error, "A run of {Model} failed")]
        public static partial void RunFailed(ILogger logger, string model, Exception error);
    }
}
