using System.Text;

namespace Sutra.Tests.Embedder.Tokenization.Reference;

/// <summary>Writes a <c>precompiled_charsmap</c>: a double array as darts-clone lays it out, and the texts behind it.</summary>
internal sealed class CharacterMapWriter
{
    private readonly List<uint> _units = [0];
    private readonly List<bool> _used = [true];
    private readonly HashSet<int> _bases = [];
    private int _free = 1;

    public static string Write(IReadOnlyDictionary<string, string> map)
    {
        var writer = new CharacterMapWriter();
        var texts = new List<byte>();
        var keys = new List<(byte[] Key, int Value)>();
        foreach (var (from, to) in map)
        {
            keys.Add((Encoding.UTF8.GetBytes(from), texts.Count));
            texts.AddRange([.. Encoding.UTF8.GetBytes(to), 0]);
        }

        keys.Sort((a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        writer.Place(0, keys, 0);
        while (writer._units.Count % 256 != 0)
        {
            writer._units.Add(0);
        }

        var bytes = new List<byte>(BitConverter.GetBytes(writer._units.Count * 4));
        bytes.AddRange(writer._units.SelectMany(BitConverter.GetBytes));
        bytes.AddRange(texts);
        return Convert.ToBase64String([.. bytes]);
    }

    private void Place(int node, List<(byte[] Key, int Value)> keys, int depth)
    {
        var leaf = keys.Where(key => key.Key.Length == depth).ToList();
        var children = keys.Where(key => key.Key.Length > depth).GroupBy(key => key.Key[depth]).ToList();
        int[] labels = [.. leaf.Take(1).Select(_ => 0), .. children.Select(child => (int)child.Key)];
        var at = FindBase(labels);
        _bases.Add(at);
        foreach (var label in labels)
        {
            Use(at ^ label);
        }

        _units[node] |= ((uint)(node ^ at) << 10) | (leaf.Count > 0 ? 1u << 8 : 0);
        if (leaf.Count > 0)
        {
            _units[at] = (uint)leaf[0].Value | 0x80000000;
        }

        foreach (var child in children)
        {
            _units[at ^ child.Key] = child.Key;
        }

        foreach (var child in children)
        {
            Place(at ^ child.Key, [.. child], depth + 1);
        }
    }

    private int FindBase(int[] labels)
    {
        while (_free < _used.Count && _used[_free])
        {
            _free++;
        }

        for (var at = _free; ; at++)
        {
            if (!_bases.Contains(at) && labels.All(label => (at ^ label) >= _used.Count || !_used[at ^ label]))
            {
                return at;
            }
        }
    }

    private void Use(int at)
    {
        while (_units.Count <= at)
        {
            _units.Add(0);
            _used.Add(false);
        }

        _used[at] = true;
    }
}
