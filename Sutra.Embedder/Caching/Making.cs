using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Caching;

/// <summary>
/// Texts that one call is getting, and others may wait for. It goes on as long as somebody waits, be it not the caller who
/// began it; it fails alone: who waits makes the texts then.
/// </summary>
/// <param name="isBulk">It is of the bulk lane.</param>
internal sealed class Making(bool isBulk)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<TextEmbedding[]?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Without a timer or a link to another token there is nothing to dispose of.
    private readonly CancellationTokenSource _stop = new();
    private int _joined;
    private bool _isCallerGone;
    private bool _isStopped;

    public bool IsBulk { get; } = isBulk;

    /// <summary>What it gave, by slot; null: nothing, for a reason of the call that had begun it. Never fails.</summary>
    public Task<TextEmbedding[]?> Done => _done.Task;

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Whoever joins must <see cref="Leave"/>. False: it is being given up.</summary>
    public bool TryJoin()
    {
        lock (_lock)
        {
            if (_isStopped)
            {
                return false;
            }

            _joined++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _joined--;
        }

        StopIfAlone();
    }

    /// <summary>The caller who began it does not wait any more.</summary>
    public void LoseCaller()
    {
        lock (_lock)
        {
            _isCallerGone = true;
        }

        StopIfAlone();
    }

    public void End(TextEmbedding[]? embeddings) => _done.TrySetResult(embeddings);

    private void StopIfAlone()
    {
        lock (_lock)
        {
            if (!_isCallerGone || _joined > 0 || _isStopped || _done.Task.IsCompleted)
            {
                return;
            }

            _isStopped = true;
        }

        // Not under the lock: it runs what others registered.
        _stop.Cancel();
    }
}
