using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sutra.Storage.Hnsw;

/// <summary>A set of slots, a bit each: the rows that a filter allows, or those deleted. Readers need no lock while others add.</summary>
internal sealed class SlotBitmap
{
    private readonly Lock _lock = new();
    private ulong[] _words;
    private int _count;

    /// <param name="capacity">Slots there is room for at first; it grows.</param>
    public SlotBitmap(uint capacity = 0) => _words = new ulong[(capacity + 63) / 64];

    /// <summary>Slots in the set.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Bit i of word i/64 is slot i; what lies beyond is not in the set.</summary>
    public ulong[] Words => Volatile.Read(ref _words);

    public bool Contains(uint slot) => Contains(Words, slot);

    /// <returns>False if it was there already.</returns>
    public bool Add(uint slot)
    {
        lock (_lock)
        {
            var word = (int)(slot >> 6);
            if (word >= _words.Length)
            {
                var grown = new ulong[Math.Max(word + 1, _words.Length * 2)];
                _words.CopyTo(grown, 0);
                Volatile.Write(ref _words, grown);
            }

            if (Contains(_words, slot))
            {
                return false;
            }

            Volatile.Write(ref _words[word], _words[word] | 1UL << (int)(slot & 63));
            Volatile.Write(ref _count, _count + 1);
            return true;
        }
    }

    /// <summary>Takes over bits that were set elsewhere, such as by the evaluation of a filter.</summary>
    public static SlotBitmap FromWords(ulong[] words) => new()
    {
        _words = words,
        _count = words.Sum(BitOperations.PopCount),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Contains(ulong[] words, uint slot)
    {
        var word = slot >> 6;
        return word < (uint)words.Length && (words[word] >> (int)(slot & 63) & 1) != 0;
    }
}
