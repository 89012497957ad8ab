namespace Sutra.Embedder.Inference;

/// <summary>
/// Texts of all models that wait for a worker: two lanes, each oldest first, bounded by number and by the time that waiting is
/// expected to take. One lock guards everything; workers sleep on it.
/// </summary>
internal sealed class TextQueue(QueueLimits limits, TimeProvider time)
{
    /// <summary>One run in this many goes to bulk while both lanes wait, so that bulk is slow then, but never stands still.</summary>
    public const int BulkShare = 8;

    private const int SpinsPerLook = 20;

    private readonly object _lock = new();
    private readonly WaitingLine[] _lines = [new(), new()];
    private TaskCompletionSource? _room;
    private int _waiting;
    private int _runsSinceBulk;
    private Thread? _watcher;
    private bool _closed;

    /// <summary>Texts that no worker has taken yet.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public int Capacity => limits.Capacity;

    /// <summary>How long a request that came now would be expected to wait.</summary>
    public TimeSpan ExpectedWait(Lane lane)
    {
        lock (_lock)
        {
            return TimeSpan.FromSeconds(SecondsBefore(lane));
        }
    }

    /// <summary>Takes all texts of the request, or none: when they do not all fit, or those that wait already would take too long.</summary>
    /// <param name="request">Not queued before.</param>
    /// <param name="isPatient">Only the number of texts counts: the caller is a stream, which holds itself back.</param>
    public Admission TryAdd(EmbeddingRequest request, bool isPatient = false)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var wait = SecondsBefore(request.Lane);
            if (request.Texts.Length > limits.Capacity - _waiting || (!isPatient && wait > limits.DelaySeconds(request.Lane)))
            {
                return new Admission(false, TimeSpan.FromSeconds(wait));
            }

            request.QueuedAt = time.GetTimestamp();
            var cost = request.Model.SecondsPerToken;
            foreach (var text in request.Texts)
            {
                text.Seconds = cost * text.Length;
                Link(text);
            }

            Wake(request.Texts.Length);

            return new Admission(true, TimeSpan.FromSeconds(wait));
        }
    }

    /// <summary>Ends when there is room for <paramref name="texts"/>, or when some has been made since the call.</summary>
    public Task WaitForRoomAsync(int texts, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return texts <= limits.Capacity - _waiting
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellation);
        }
    }

    /// <summary>
    /// Fills <paramref name="batch"/> with the text whose turn it is and what may run with it, and <paramref name="late"/> with
    /// what has waited too long; sleeps while nothing waits. False: closed and empty.
    /// </summary>
    /// <param name="batch">Cleared before.</param>
    /// <param name="late">Cleared before.</param>
    /// <param name="watch">How long to look out for a text before sleeping, unless another worker does; the core is kept awake for it.</param>
    public bool Take(List<PendingText> batch, List<PendingText> late, TimeSpan watch = default)
    {
        batch.Clear();
        late.Clear();
        if (watch > TimeSpan.Zero)
        {
            Watch(watch);
        }

        TaskCompletionSource? room;
        lock (_lock)
        {
            while (_waiting == 0)
            {
                if (_closed)
                {
                    return false;
                }

                Monitor.Wait(_lock);
            }

            DropLate(late);
            if (_waiting > 0)
            {
                Pack(NextLine().Oldest!, batch);
            }

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

    private void Wake(int texts)
    {
        if (texts > 1)
        {
            Monitor.PulseAll(_lock);
        }
        else if (_watcher is null)
        {
            Monitor.Pulse(_lock);
        }

        // Counted on for this request only: what comes next must wake another.
        _watcher = null;
    }

    private void Watch(TimeSpan length)
    {
        var self = Thread.CurrentThread;
        lock (_lock)
        {
            if (_watcher is not null || _waiting > 0 || _closed)
            {
                return;
            }

            _watcher = self;
        }

        var started = time.GetTimestamp();
        while (Volatile.Read(ref _waiting) == 0 && !Volatile.Read(ref _closed) && time.GetElapsedTime(started) < length)
        {
            Thread.SpinWait(SpinsPerLook);
        }

        lock (_lock)
        {
            _watcher = _watcher == self ? null : _watcher;
        }
    }

    private double SecondsBefore(Lane lane)
    {
        var seconds = _lines[(int)Lane.Interactive].Seconds + (lane == Lane.Bulk ? _lines[(int)Lane.Bulk].Seconds : 0);
        return seconds / limits.Workers;
    }

    private WaitingLine NextLine()
    {
        var interactive = _lines[(int)Lane.Interactive];
        var bulk = _lines[(int)Lane.Bulk];
        if (bulk.Count == 0 || (interactive.Count > 0 && ++_runsSinceBulk < BulkShare))
        {
            return interactive;
        }

        _runsSinceBulk = 0;
        return bulk;
    }

    private void DropLate(List<PendingText> late)
    {
        foreach (var line in _lines)
        {
            while (line.Oldest is { } text && time.GetElapsedTime(text.Request.QueuedAt) > limits.Deadline)
            {
                Unlink(text);
                late.Add(text);
            }
        }
    }

    // The oldest text always runs, so none starves. Its mates are looked for at its own length first, then ever further
    // away: equal lengths cost no padding.
    private void Pack(PendingText first, List<PendingText> batch)
    {
        var model = first.Request.Model;
        var policy = model.Policy;
        var buckets = model.Waiting(first.Request.Lane);
        var longest = first.Length;
        var tokens = 0;
        Move(first);
        if (!first.Request.MayShare)
        {
            return;
        }

        for (var distance = 0; distance <= buckets.MaxLength; distance++)
        {
            if (buckets.Count == 0 || !policy.Allows(batch.Count + 1, longest, (batch.Count + 1) * longest))
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
            while (buckets.Oldest(length) is { } text && policy.Allows(batch.Count + 1, Math.Max(longest, length), tokens + length))
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
        _waiting++;
        _lines[(int)text.Request.Lane].Add(text);
        if (text.Request.MayShare)
        {
            text.Request.Model.Waiting(text.Request.Lane).Add(text);
        }
    }

    private void Unlink(PendingText text)
    {
        text.Queued = false;
        _waiting--;
        _lines[(int)text.Request.Lane].Remove(text);
        if (text.Request.MayShare)
        {
            text.Request.Model.Waiting(text.Request.Lane).Remove(text);
        }
    }
}
