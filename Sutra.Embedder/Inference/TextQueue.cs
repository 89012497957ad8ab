namespace Sutra.Embedder.Inference;

/// <summary>
/// Texts that wait for a worker: bounded, oldest first, with a second order by length so that a batch's mates are found
/// without looking at every waiting text. One lock guards everything; workers sleep on it.
/// </summary>
internal sealed class TextQueue
{
    private readonly object _lock = new();
    private readonly int _capacity;
    private readonly BatchPolicy _policy;
    private readonly (PendingText? Oldest, PendingText? Newest)[] _byLength;
    private PendingText? _oldest;
    private PendingText? _newest;
    private TaskCompletionSource? _room;
    private int _waiting;
    private bool _closed;

    /// <param name="capacity">Texts.</param>
    /// <param name="policy">What may share a run.</param>
    /// <param name="maxTokens">No text is longer.</param>
    public TextQueue(int capacity, BatchPolicy policy, int maxTokens)
    {
        _capacity = capacity;
        _policy = policy;
        _byLength = new (PendingText?, PendingText?)[maxTokens + 1];
    }

    /// <summary>Texts that no worker has taken yet.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public int Capacity => _capacity;

    /// <summary>Takes all texts of the request, or none when they do not all fit.</summary>
    public bool TryAdd(EmbeddingRequest request)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (request.Texts.Length > _capacity - _waiting)
            {
                return false;
            }

            foreach (var text in request.Texts)
            {
                Link(text);
            }

            if (request.Texts.Length == 1)
            {
                Monitor.Pulse(_lock);
            }
            else
            {
                Monitor.PulseAll(_lock);
            }

            return true;
        }
    }

    /// <summary>Ends when a worker or a cancellation has made room since the call.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            return _waiting < _capacity
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Fills <paramref name="batch"/> with the oldest text and what may run with it; sleeps while nothing waits. False: closed.</summary>
    public bool Take(List<PendingText> batch)
    {
        batch.Clear();
        TaskCompletionSource? room;
        lock (_lock)
        {
            while (_oldest is null)
            {
                if (_closed)
                {
                    return false;
                }

                Monitor.Wait(_lock);
            }

            Pack(batch);
            room = _room;
            _room = null;
        }

        room?.TrySetResult();
        return true;
    }

    /// <summary>Takes what still waits of a request that nobody waits for any more.</summary>
    public void Remove(EmbeddingRequest request)
    {
        var removed = 0;
        TaskCompletionSource? room;
        lock (_lock)
        {
            foreach (var text in request.Texts)
            {
                if (text.Queued)
                {
                    Unlink(text);
                    removed++;
                }
            }

            room = _room;
            _room = null;
        }

        request.Close(removed);
        room?.TrySetResult();
    }

    /// <summary>Nothing more is taken in; workers end when the queue is empty.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.PulseAll(_lock);
        }
    }

    // The oldest text always runs, so none starves. Its mates are looked for at its own length first, then ever further
    // away: equal lengths cost no padding.
    private void Pack(List<PendingText> batch)
    {
        var first = _oldest!;
        var longest = first.Length;
        var tokens = 0;
        Move(first);

        for (var distance = 0; distance < _byLength.Length; distance++)
        {
            if (!_policy.Allows(batch.Count + 1, longest, (batch.Count + 1) * longest))
            {
                return;
            }

            MoveWhileAllowed(first.Length - distance);
            if (distance > 0)
            {
                MoveWhileAllowed(first.Length + distance);
            }
        }

        void MoveWhileAllowed(int length)
        {
            if (length <= 0 || length >= _byLength.Length)
            {
                return;
            }

            while (_byLength[length].Oldest is { } text
                && _policy.Allows(batch.Count + 1, Math.Max(longest, length), tokens + length))
            {
                longest = Math.Max(longest, length);
                Move(text);
            }
        }

        void Move(PendingText text)
        {
            Unlink(text);
            batch.Add(text);
            tokens += text.Length;
        }
    }

    private void Link(PendingText text)
    {
        text.Queued = true;
        text.Older = _newest;
        if (_newest is null)
        {
            _oldest = text;
        }
        else
        {
            _newest.Newer = text;
        }

        _newest = text;

        ref var lane = ref _byLength[text.Length];
        text.OlderOfLength = lane.Newest;
        if (lane.Newest is null)
        {
            lane.Oldest = text;
        }
        else
        {
            lane.Newest.NewerOfLength = text;
        }

        lane.Newest = text;
        _waiting++;
    }

    private void Unlink(PendingText text)
    {
        text.Queued = false;
        if (text.Older is null)
        {
            _oldest = text.Newer;
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

        ref var lane = ref _byLength[text.Length];
        if (text.OlderOfLength is null)
        {
            lane.Oldest = text.NewerOfLength;
        }
        else
        {
            text.OlderOfLength.NewerOfLength = text.NewerOfLength;
        }

        if (text.NewerOfLength is null)
        {
            lane.Newest = text.OlderOfLength;
        }
        else
        {
            text.NewerOfLength.OlderOfLength = text.OlderOfLength;
        }

        text.Older = text.Newer = text.OlderOfLength = text.NewerOfLength = null;
        _waiting--;
    }
}
