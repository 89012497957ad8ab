namespace Sutra.Embedder.Inference;

/// <summary>What the queue and the workers must know of a model: what may share a run, what waits for it, what a token costs, and how to run it.</summary>
internal abstract class ScheduledModel
{
    // Of a new measurement in the running mean: some 20 runs are remembered.
    private const double Weight = 0.05;
    private const long Never = long.MinValue;

    private readonly LengthBuckets[] _waiting;
    private double _secondsPerToken;
    private long _lastSuccess = Never;
    private bool _isFailing;
    private int _users = 1;

    /// <param name="policy">What may share a run.</param>
    /// <param name="maxTokens">No text is longer.</param>
    protected ScheduledModel(BatchPolicy policy, int maxTokens)
    {
        Policy = policy;
        MaxTokens = maxTokens;
        _waiting = [new LengthBuckets(maxTokens), new LengthBuckets(maxTokens)];
    }

    public abstract string Name { get; }

    /// <summary>Most tokens, special ones included, that are read of a text; the rest is cut.</summary>
    public int MaxTokens { get; }

    public BatchPolicy Policy { get; }

    /// <summary>Mean cost of one token on one worker, over the last runs; 0 before the first.</summary>
    public double SecondsPerToken => Volatile.Read(ref _secondsPerToken);

    /// <summary>Timestamp of the last run that went well; null: none did yet.</summary>
    public long? LastSuccess => Interlocked.Read(ref _lastSuccess) is var at && at != Never ? at : null;

    /// <summary>Its last run failed.</summary>
    public bool IsFailing => Volatile.Read(ref _isFailing);

    /// <summary>Runs texts of this model together; an output is null where the model gave nothing to point anywhere.</summary>
    public abstract void Run(ForwardPass pass, IReadOnlyList<PendingText> batch, Span<float[]?> outputs);

    /// <summary>Keeps what the model runs on until <see cref="Release"/>; only for who knows that it is not gone.</summary>
    public void Retain() => Interlocked.Increment(ref _users);

    /// <summary>The last one frees it: whoever let the model go, or a worker that was still at it.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Free();
        }
    }

    public void Took(TimeSpan duration, int paddedTokens)
    {
        var cost = duration.TotalSeconds / Math.Max(1, paddedTokens);
        var known = Volatile.Read(ref _secondsPerToken);

        // Two workers may overwrite each other's measurement: one of twenty is lost then, which does no harm.
        Volatile.Write(ref _secondsPerToken, known == 0 ? cost : known + (Weight * (cost - known)));
    }

    public void Succeeded(long timestamp)
    {
        Interlocked.Exchange(ref _lastSuccess, timestamp);
        Volatile.Write(ref _isFailing, false);
    }

    public void Failed() => Volatile.Write(ref _isFailing, true);

    protected virtual void Free()
    {
    }

    /// <summary>Texts of this model that wait in a lane, by their length; guarded by the queue's lock.</summary>
    internal LengthBuckets Waiting(Lane lane) => _waiting[(int)lane];
}
