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
internal sealed class EmbeddingRequest : IThreadPoolWorkItem
{
    // Its continuations run where it is set: by a pool thread, or by the worker when that is said.
    private readonly TaskCompletionSource<TextEmbedding[]> _completion = new();
    private readonly TextEmbedding[] _embeddings;
    private CancellationToken _cancellation;
    private long _firstTakenAt;
    private long _runTicks;
    private bool _holdsModel;
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

    /// <summary>Keeps its model in memory until no worker can be at one of its texts any more, even when nobody waits for them.</summary>
    public void HoldModel()
    {
        Model.Retain();
        _holdsModel = true;
    }

    public void Taken(long timestamp)
    {
        if (Interlocked.Read(ref _firstTakenAt) == 0)
        {
            Interlocked.CompareExchange(ref _firstTakenAt, timestamp, 0);
        }
    }

    public void Ran(TimeSpan duration) => Interlocked.Add(ref _runTicks, duration.Ticks);

    /// <param name="text">One of its own.</param>
    /// <param name="values">Of its vector.</param>
    /// <param name="inline">Whoever waits for the request goes on in this thread, if this was its last text.</param>
    public void Complete(PendingText text, float[] values, bool inline = false)
    {
        _embeddings[text.Index] = new TextEmbedding(values, text.Length, text.Range.Truncated);
        Close(1, inline);
    }

    public void Fail(PendingText text, TextFailure failure)
    {
        _embeddings[text.Index] = TextEmbedding.Failed(failure, text.Length);
        Close(1);
    }

    /// <summary>Ends the waiting; a worker may still be at it.</summary>
    public void Cancel(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary><paramref name="texts"/> of this request will not be run, or have been.</summary>
    public void Close(int texts, bool inline = false)
    {
        if (texts == 0 || Interlocked.Add(ref _open, -texts) != 0)
        {
            return;
        }

        Tokens.Dispose();
        if (_holdsModel)
        {
            Model.Release();
        }

        if (inline)
        {
            End();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute() => End();

    // A cancelled request never ends with the embeddings that it has so far.
    private void End()
    {
        if (_cancellation.IsCancellationRequested)
        {
            _completion.TrySetCanceled(_cancellation);
        }
        else
        {
            _completion.TrySetResult(_embeddings);
        }
    }
}
