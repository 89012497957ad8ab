using Microsoft.Extensions.Options;

namespace Sutra.Api.Idempotency;

/// <summary>An answer that is given again.</summary>
/// <param name="Fingerprint">SHA-256 of the request that it is for.</param>
internal sealed record KeptAnswer(byte[] Fingerprint, int Status, string? ContentType, string? Location, ReadOnlyMemory<byte> Body);

/// <summary>Keys and their answers, by caller, in memory and bounded: the oldest go first. Thread-safe.</summary>
internal sealed class IdempotencyStore(IOptions<IdempotencyOptions> options, TimeProvider time)
{
    // What a key costs beside its answer, roughly.
    private const int Overhead = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Caller, string Key), Entry> _entries = [];
    private readonly LinkedList<Entry> _oldestFirst = new();
    private long _bytes;

    /// <summary>Takes the key, unless it is taken.</summary>
    /// <param name="answer">What was answered to it; null when it is under way, or was free.</param>
    /// <returns>True: it was free, and belongs to the caller until <see cref="Keep"/> or <see cref="Release"/>.</returns>
    public bool TryBegin(string caller, string key, out KeptAnswer? answer)
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
                answer = known.Answer;
                return false;
            }

            answer = null;
            _entries[(caller, key)] = new Entry(caller, key);
            return true;
        }
    }

    /// <summary>The request ended well: its answer is given again from now on.</summary>
    public void Keep(string caller, string key, KeptAnswer answer)
    {
        lock (_lock)
        {
            var entry = _entries[(caller, key)];
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

    /// <summary>The request did not end well, or its answer is too large: it may be made again.</summary>
    public void Release(string caller, string key)
    {
        lock (_lock)
        {
            _entries.Remove((caller, key));
        }
    }

    private void Remove(Entry entry)
    {
        _oldestFirst.Remove(entry.Place!);
        _entries.Remove((entry.Caller, entry.Key));
        _bytes -= entry.Answer!.Body.Length + Overhead;
    }

    private sealed class Entry(string caller, string key)
    {
        public string Caller { get; } = caller;

        public string Key { get; } = key;

        /// <summary>Null while the request is under way; it is in <see cref="_oldestFirst"/> only when it is not.</summary>
        public KeptAnswer? Answer { get; set; }

        public DateTimeOffset Expires { get; set; }

        public LinkedListNode<Entry>? Place { get; set; }
    }
}
