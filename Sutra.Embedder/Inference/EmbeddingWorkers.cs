using Sutra.Embedder.Telemetry;

namespace Sutra.Embedder.Inference;

/// <summary>One thread per core, each taking batches from the queue and running them.</summary>
internal sealed partial class EmbeddingWorkers : IDisposable
{
    private readonly ModelSession _session;
    private readonly TextQueue _queue;
    private readonly EmbedderTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread[] _threads;
    private long _lastSuccess;

    public EmbeddingWorkers(int count, ModelSession session, TextQueue queue, EmbedderTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        _session = session;
        _queue = queue;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _lastSuccess = time.GetTimestamp();
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"embedding-{i}" };
            _threads[i].Start();
        }
    }

    public int Count => _threads.Length;

    public int Alive => _threads.Count(thread => thread.IsAlive);

    /// <summary>Since a run last went well.</summary>
    public TimeSpan SinceSuccess => _time.GetElapsedTime(Interlocked.Read(ref _lastSuccess));

    /// <summary>Finishes what is queued, then ends the threads.</summary>
    public void Dispose()
    {
        _queue.Close();
        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private void Work()
    {
        var pass = new ForwardPass(_session);
        var batch = new List<PendingText>();
        while (_queue.Take(batch))
        {
            Run(pass, batch);
            batch.Clear();
        }
    }

    private void Run(ForwardPass pass, List<PendingText> batch)
    {
        var vectors = new float[]?[batch.Count];
        try
        {
            var started = _time.GetTimestamp();
            pass.Run(batch, vectors);
            Interlocked.Exchange(ref _lastSuccess, _time.GetTimestamp());
            _telemetry.Ran(batch, _time.GetElapsedTime(started));
        }
        catch (Exception e) when (batch.Count > 1)
        {
            // One text must not fail its neighbours: each by itself.
            Log.BatchFailed(_logger, batch.Count, e);
            foreach (var text in batch)
            {
                Run(pass, [text]);
            }

            return;
        }
        catch (Exception e)
        {
            Log.RunFailed(_logger, e);
            Fail(batch[0], new InferenceException("The model could not embed a text.", e));
            return;
        }

        for (var i = 0; i < batch.Count; i++)
        {
            if (vectors[i] is { } vector)
            {
                batch[i].Request.Complete(batch[i], vector);
            }
            else
            {
                Fail(batch[i], new UnembeddableTextException(batch[i].Index, "has nothing in it that the model knows."));
            }
        }
    }

    // Nobody waits for the rest of a request that has failed.
    private void Fail(PendingText text, Exception error)
    {
        text.Request.Fail(error);
        _queue.Remove(text.Request);
    }

    private static partial class Log
    {
        [LoggerMessage(310, LogLevel.Warning, "A run of {Texts} texts failed; each is tried by itself")]
        public static partial void BatchFailed(ILogger logger, int texts, Exception error);

        [LoggerMessage(311, LogLevel.Error, "A run failed")]
        public static partial void RunFailed(ILogger logger, Exception error);
    }
}
