using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Inference;

/// <summary>The texts of one call, on their way through queue and workers; done when all of them are.</summary>
internal sealed class EmbeddingRequest
{
    private readonly TaskCompletionSource<IReadOnlyList<TextEmbedding>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TextEmbedding[] _embeddings;
    private int _open;

    /// <param name="tokens">Owned from here on: given back when no worker can read it any more.</param>
    /// <param name="ranges">One per text.</param>
    public EmbeddingRequest(TokenBuffer tokens, ReadOnlySpan<TokenRange> ranges)
    {
        Tokens = tokens;
        Texts = new PendingText[ranges.Length];
        for (var i = 0; i < ranges.Length; i++)
        {
            Texts[i] = new PendingText(this, i, ranges[i]);
        }

        _embeddings = new TextEmbedding[ranges.Length];
        _open = ranges.Length;
    }

    public TokenBuffer Tokens { get; }

    public PendingText[] Texts { get; }

    /// <summary>The embeddings in the order of the texts.</summary>
    public Task<IReadOnlyList<TextEmbedding>> Completion => _completion.Task;

    public void Complete(PendingText text, float[] vector)
    {
        _embeddings[text.Index] = new TextEmbedding(vector, text.Length, text.Range.Truncated);
        Close(1);
    }

    public void Fail(Exception error)
    {
        _completion.TrySetException(error);
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
