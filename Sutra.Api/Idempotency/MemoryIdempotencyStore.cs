using Microsoft.Extensions.Options;

namespace Sutra.Api.Idempotency;

/// <summary>In this process only: a restart forgets them, and another instance does not have them.</summary>
internal sealed class MemoryIdempotencyStore(IOptions<IdempotencyOptions> options, TimeProvider time) : IIdempotencyStore
{
    // What a key costs beside its answer, roughly.
    private const int Overhead = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Caller, string Key), Entry> _entries = [];
    private readonly LinkedList<Entry> _oldestFirst = new();
    private long _bytes;

    public string Description => "the memory of this process";

    public bool IsShared => false;

    public Task<KeyState> BeginAsync(string caller, string key, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            while (_oldestFirst.First is { } first && first.Value.Expires <= now)
            {
                Remove(first.Value);
            }

            if (_entries.TryGetValue((caller, key), out var known))
            {
                return Task.FromResult(new KeyState(null, known.Answer));
            }

            var entry = new Entry(this, caller, key);
            _entries[(caller, key)] = entry;
            return Task.FromResult(new KeyState(entry, null));
        }
    }

    // What comes in does it.
    public Task SweepAsync(CancellationToken cancellation) => Task.CompletedTask;

    private void Keep(Entry entry, KeptAnswer answer)
    {
        lock (_lock)
        {
            entry.Answer = answer;
            entry.Expires = time.GetUtcNow() + options.Value.KeepFor;
            entry.Place = _oldestFirst.AddLast(entry);
            _bytes += answer.Body.Length + Overhead;
            while (_oldestFirst.Count > options.Value.MaxKeys || _bytes > options.Value.MaxBytes)
            {
                Remove(_oldestFirst.First!.Value);
            }
        }
    }

    private void Release(Entry entry)
    {
        lock (_lock)
        {
            if (entry.Answer is null)
            {
                _entries.Remove((entry.Caller, entry.Key));
            }
        }
    }

    private void Remove(Entry entry)
    {
        _oldestFirst.Remove(entry.Place!);
        _entries.Remove((entry.Caller, entry.Key));
        _bytes -= entry.Answer!.Body.Length + Overhead;
    }

    private sealed class Entry(MemoryIdempotencyStore store, string caller, string key) : IKeyClaim
    {
        public string Caller { get; } = caller;

        public string Key { get; } = key;

        /// <summary>Null while the request is under way; it is in <see cref="_oldestFirst"/> only when it is not.</summary>
        public KeptAnswer? Answer { get; set; }

        public DateTimeOffset Expires { get; set; }

        public LinkedListNode<Entry>? Place { get; set; }

        public Task KeepAsync(KeptAnswer answer)
        {
            store.Keep(this, answer);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            store.Release(this);
            return ValueTask.CompletedTask;
        }
    }
}
