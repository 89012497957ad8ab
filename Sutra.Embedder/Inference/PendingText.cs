using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Inference;

/// <summary>One text that waits for a run. The links belong to the queue, under its lock.</summary>
internal sealed class PendingText(EmbeddingRequest request, int index, TokenRange range)
{
    public EmbeddingRequest Request { get; } = request;

    /// <summary>Its place among the texts of its request.</summary>
    public int Index { get; } = index;

    public TokenRange Range { get; } = range;

    public int Length => Range.Length;

    public ReadOnlySpan<int> Tokens => Request.Tokens[Range];

    /// <summary>What it was expected to cost one worker when it was queued.</summary>
    public double Seconds { get; set; }

    public bool Queued { get; set; }

    public PendingText? Older { get; set; }

    public PendingText? Newer { get; set; }

    public PendingText? OlderOfLength { get; set; }

    public PendingText? NewerOfLength { get; set; }
}
