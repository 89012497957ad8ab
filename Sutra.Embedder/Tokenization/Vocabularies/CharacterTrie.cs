using System.Numerics;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>Texts by their UTF-16 units: one open-addressing table of (node, unit) to node, read without locks.</summary>
internal sealed class CharacterTrie
{
    /// <summary>The node before any unit.</summary>
    public const int Root = 0;

    private readonly int[] _roots = new int[65536];
    private readonly ulong[] _keys;
    private readonly int[] _nodes;
    private readonly int[] _ids;
    private readonly int _shift;

    /// <param name="texts">None of them empty.</param>
    public CharacterTrie(IReadOnlyDictionary<string, int> texts)
    {
        var bits = BitOperations.Log2((uint)Math.Max(8, CountNodes(texts.Keys))) + 2;
        _shift = 64 - bits;
        _keys = new ulong[1 << bits];
        _nodes = new int[1 << bits];
        var ids = new List<int> { -1 };
        foreach (var (text, id) in texts)
        {
            var node = Root;
            foreach (var unit in text)
            {
                ref var next = ref Find(node, unit);
                if (next == 0)
                {
                    next = ids.Count;
                    ids.Add(-1);
                }

                node = next;
            }

            ids[node] = id;
        }

        _ids = [.. ids];
    }

    /// <summary>The node behind <paramref name="unit"/>, or 0.</summary>
    public int Next(int node, char unit)
    {
        if (node == Root)
        {
            return _roots[unit];
        }

        var key = ((ulong)(uint)node << 16) | unit;
        for (var slot = SlotOf(key); _keys[slot] != 0; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key)
            {
                return _nodes[slot];
            }
        }

        return 0;
    }

    /// <summary>The id of the text that ends at a node, or -1.</summary>
    public int IdAt(int node) => _ids[node];

    private static int CountNodes(IEnumerable<string> texts)
    {
        var (count, before) = (0, "");
        foreach (var text in texts.Order(StringComparer.Ordinal))
        {
            count += text.Length - text.AsSpan().CommonPrefixLength(before);
            before = text;
        }

        return count;
    }

    private ref int Find(int node, char unit)
    {
        if (node == Root)
        {
            return ref _roots[unit];
        }

        var key = ((ulong)(uint)node << 16) | unit;
        var slot = SlotOf(key);
        while (_keys[slot] != 0 && _keys[slot] != key)
        {
            slot = (slot + 1) & (_keys.Length - 1);
        }

        _keys[slot] = key;
        return ref _nodes[slot];
    }

    private int SlotOf(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);
}
