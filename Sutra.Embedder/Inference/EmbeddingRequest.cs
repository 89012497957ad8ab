using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Inference;

/// <summary>What is made of a text.</summary>
internal enum OutputKind
{
    /// <summary>One vector of unit length.</summary>
    Vector,

    /// <summary>One vector as it was pooled.</summary>
    RawVector,

    /// <summary>A vector of each token, as the model puts it out.</summary>
    TokenVectors,
}

/// <summary>The texts of one call, on their way through queue and workers; done when all of them are.</summary>
internal sealed class EmbeddingRequest
{
    private readonly TaskCompletionSource<TextEmbedding[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TextEmbedding[] _embeddings;
    private long _firstTakenAt;
    private long _runTicks;
    private int _open;

    /// <param name="model">Reads the tokens.</param>
    /// <param name="tokens">Owned from here on: given back when no worker can read it any more.</param>
    /// <param name="ranges">One per text; none is empty.</param>
    /// <param name="lane">Its place in the queue.</param>
    /// <param name="output">What is wanted of each text.</param>
    public EmbeddingRequest(
        ScheduledModel model, TokenBuffer tokens, ReadOnlySpan<TokenRange> ranges, Lane lane = Lane.Interactive, OutputKind output = OutputKind.Vector)
    {
        Model = model;
        Tokens = tokens;
        Lane = lane;
        Output = output;
        Texts = new PendingText[ranges.Length];
        for (var i = 0; i < ranges.Length; i++)
        {
            Texts[i] = new PendingText(this, i, ranges[i]);
        }

        _embeddings = new TextEmbedding[ranges.Length];
        _open = ranges.Length;
    }

    public ScheduledModel Model { get; }

    public TokenBuffer Tokens { get; }

    public PendingText[] Texts { get; }

    public Lane Lane { get; }

    public OutputKind Output { get; }

    /// <summary>Token vectors come from another output of the graph than pooled ones may: their texts run alone.</summary>
    public bool MayShare => Output != OutputKind.TokenVectors;

    /// <summary>Timestamp; set when it is queued.</summary>
    public long QueuedAt { get; set; }

    /// <summary>Timestamp at which a worker took the first of its texts; 0 before.</summary>
    public long FirstTakenAt => Interlocked.Read(ref _firstTakenAt);

    /// <summary>Sum of the durations of the runs that its texts were in, in ticks of <see cref="TimeSpan"/>.</summary>
    public TimeSpan RunTime => TimeSpan.FromTicks(Interlocked.Read(ref _runTicks));

    /// <summary>The embeddings in the order of the texts.</summary>
    public Task<TextEmbedding[]> Completion => _completion.Task;

    public void Taken(long timestamp)
    {
        if (Interlocked.Read(ref _firstTakenAt) == 0)
        {
            Interlocked.CompareExchange(ref _firstTakenAt, timestamp, 0);
        }
    }

    public void Ran(TimeSpan duration) => Interlocked.Add(ref _runTicks, duration.Ticks);

    public void Complete(PendingText text, float[] values)
    {
        _embeddings[text.Index] = new TextEmbedding(values, text.Length, text.Range.Truncated);
        Close(1);
    }

    public void Fail(PendingText text, TextFailure failure)
    {
        _embeddings[text.Index] = TextEmbedding.Failed(failure, text.Length);
        Close(1);
    }

    public void Cancel(CancellationToken cancellation) => _completion.TrySetCanceled(cancellation);

    /// <summary><paramref name="texts"/> of this request will not be run, or have been.</summary>
    public void Close(int texts)
    {
        if (texts > 0 && Interlocked.Add(ref _open, -texts) == 0)
        {
            Tokens.Dispose();
            _completion.TrySetResult(_embeddings);
        }
    }
}
