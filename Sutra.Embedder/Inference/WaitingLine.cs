namespace Sutra.Embedder.Inference;

/// <summary>All that waits in one lane, oldest first, whatever its model; guarded by the queue's lock.</summary>
internal sealed class WaitingLine
{
    private PendingText? _newest;

    public PendingText? Oldest { get; private set; }

    public int Count { get; private set; }

    /// <summary>What running it all would take one worker.</summary>
    public double Seconds { get; private set; }

    public void Add(PendingText text)
    {
        text.Older = _newest;
        if (_newest is null)
        {
            Oldest = text;
        }
        else
        {
            _newest.Newer = text;
        }

        _newest = text;
        Count++;
        Seconds += text.Seconds;
    }

    public void Remove(PendingText text)
    {
        if (text.Older is null)
        {
            Oldest = text.Newer;
        }
        else
        {
            text.Older.Newer = text.Newer;
        }

        if (text.Newer is null)
        {
            _newest = text.Older;
        }
        else
        {
            text.Newer.Older = text.Older;
        }

        text.Older = text.Newer = null;
        Count--;

        // Rounding must not leave a debt behind when nobody waits.
        Seconds = Count == 0 ? 0 : Seconds - text.Seconds;
    }
}
