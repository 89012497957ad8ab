using System.Numerics;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>Which two tokens make which other, and how early: an open-addressing table, read without locks.</summary>
internal sealed class MergeTable
{
    private readonly ulong[] _keys;
    private readonly (int Rank, int Id)[] _values;
    private readonly int _shift;

    /// <param name="merges">The later of two for the same pair counts.</param>
    public MergeTable(IReadOnlyDictionary<(int Left, int Right), (int Rank, int Id)> merges)
    {
        var bits = Math.Max(4, BitOperations.Log2((uint)Math.Max(1, merges.Count)) + 2);
        _keys = new ulong[1 << bits];
        _values = new (int, int)[_keys.Length];
        _shift = 64 - bits;
        foreach (var ((left, right), value) in merges)
        {
            var key = KeyOf(left, right);
            var slot = SlotOf(key);
            while (_keys[slot] != 0)
            {
                slot = (slot + 1) & (_keys.Length - 1);
            }

            _keys[slot] = key;
            _values[slot] = value;
        }
    }

    public bool TryGet(int left, int right, out int rank, out int id)
    {
        var key = KeyOf(left, right);
        for (var slot = SlotOf(key); _keys[slot] != 0; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key)
            {
                (rank, id) = _values[slot];
                return true;
            }
        }

        (rank, id) = (0, 0);
        return false;
    }

    // Never 0, which marks an empty slot.
    private static ulong KeyOf(int left, int right) => ((ulong)(uint)left << 32 | (uint)right) + 1;

    private int SlotOf(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);
}
