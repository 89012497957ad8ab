namespace Sutra.Api.Ingestion.Workers;

/// <summary>
/// How many groups are under way at once: one more after each round that went well, half as many at a sign of overload (AIMD, as TCP does). Signs are
/// that a group took longer than the target and twice as long as the best ones, or was refused for want of capacity. While a
/// component is away nothing is begun for a time that doubles up to a maximum.
/// </summary>
internal sealed class AdaptiveLimit(int least, int most, TimeSpan target, TimeSpan maxWait, TimeProvider time)
{
    // How much slower the best may get from one group to the next: what was fast once may be gone.
    private const double Forget = 1.01;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _least = least;
    private int _limit = least;
    private int _running;
    private int _good;
    private int _epoch;
    private int _failures;
    private TimeSpan? _best;
    private DateTimeOffset _closedUntil;

    public int Limit
    {
        get
        {
            lock (_lock)
            {
                return _limit;
            }
        }
    }

    /// <summary>Waits for a place. The result is given back to <see cref="Exit"/>.</summary>
    public async Task<int> EnterAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            TimeSpan wait;
            lock (_lock)
            {
                wait = _closedUntil - time.GetUtcNow();
                if (wait <= TimeSpan.Zero && _running < (_failures > 0 ? 1 : _limit))
                {
                    _running++;
                    return _epoch;
                }

                changed = _changed.Task;
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellation);
            }
            else
            {
                await changed.WaitAsync(cancellation);
            }
        }
    }

    /// <summary>There was nothing to do.</summary>
    public void ExitIdle() => Leave(() => { });

    /// <summary>A group was learned.</summary>
    /// <param name="epoch">From <see cref="EnterAsync"/>.</param>
    /// <param name="took">Null: too small a group to go by.</param>
    public void Exit(int epoch, TimeSpan? took) => Leave(() =>
    {
        _failures = 0;
        if (took is not { } duration)
        {
            return;
        }

        var slow = duration > target && duration > 2 * _best;
        _best = _best is not { } best || duration < best ? duration : best * Forget;
        if (slow)
        {
            Halve(epoch);
        }
        else if (++_good >= _limit && _limit < most)
        {
            _limit++;
            _good = 0;
        }
    });

    /// <summary>There is no capacity left, or no time.</summary>
    public void ExitOverloaded(int epoch) => Leave(() =>
    {
        Halve(epoch);
        Close();
    });

    /// <summary>Something that is needed cannot be reached.</summary>
    public void ExitAway(int epoch) => Leave(() =>
    {
        Halve(epoch);
        _failures++;
        Close();
    });

    /// <summary>How long until something is begun again.</summary>
    public TimeSpan ClosedFor
    {
        get
        {
            lock (_lock)
            {
                var left = _closedUntil - time.GetUtcNow();
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    // Those that began before the last halving say nothing new.
    private void Halve(int epoch)
    {
        if (epoch == _epoch)
        {
            _limit = Math.Max(_least, _limit / 2);
            _good = 0;
            _epoch++;
        }
    }

    private void Close()
    {
        var wait = Backoff.Of(FirstWait, Math.Max(1, _failures), maxWait);
        var until = time.GetUtcNow() + wait;
        _closedUntil = until > _closedUntil ? until : _closedUntil;
    }

    private void Leave(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _running--;
            change();
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
