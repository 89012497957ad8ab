using System.Runtime.InteropServices;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>
/// Ids of words seen before: 512 KiB whatever is read, and nothing is allocated for a word. Words meet in rows of four, of which
/// the oldest makes room; when there is no room for another word's characters all are forgotten. For one thread.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longest word that is kept, in UTF-16 units.</summary>
    public const int MaxLength = 64;

    private const int RowBits = 12;

    // A row is a cache line.
    private const int RowLength = 4;
    private const int MaxChars = 1 << 16;
    private const int MaxIds = 1 << 15;

    private readonly Slot[] _slots = new Slot[RowLength << RowBits];
    private readonly char[] _chars = new char[MaxChars];
    private readonly int[] _ids = new int[MaxIds];
    private int _charCount;
    private int _idCount;

    /// <summary>Appends the ids of <paramref name="word"/> if it is known.</summary>
    /// <param name="word">Not empty, and not longer than <see cref="MaxLength"/>.</param>
    /// <param name="hash">For <see cref="Set"/>.</param>
    public bool TryGet(ReadOnlySpan<char> word, TokenBuffer tokens, out uint hash)
    {
        hash = Hash(word);
        foreach (ref readonly var slot in Row(hash))
        {
            if (slot.Hash != hash || slot.Length != word.Length || !word.SequenceEqual(_chars.AsSpan(slot.Chars, slot.Length)))
            {
                continue;
            }

            if (slot.Count == 1)
            {
                tokens.Add(slot.Ids);
            }
            else
            {
                tokens.Add(_ids.AsSpan(slot.Ids, slot.Count));
            }

            return true;
        }

        return false;
    }

    /// <summary>Keeps the ids of a word that was not known, unless they are too many.</summary>
    public void Set(ReadOnlySpan<char> word, uint hash, ReadOnlySpan<int> ids)
    {
        if (ids.Length > byte.MaxValue)
        {
            return;
        }

        if (_charCount + word.Length > MaxChars || _idCount + ids.Length > MaxIds)
        {
            Array.Clear(_slots);
            (_charCount, _idCount) = (0, 0);
        }

        var row = Row(hash);
        row[..^1].CopyTo(row[1..]);
        ref var slot = ref row[0];
        slot = new Slot { Hash = hash, Chars = _charCount, Ids = _idCount, Length = (byte)word.Length, Count = (byte)ids.Length };
        word.CopyTo(_chars.AsSpan(_charCount));
        _charCount += word.Length;
        if (ids.Length == 1)
        {
            slot.Ids = ids[0];
            return;
        }

        ids.CopyTo(_ids.AsSpan(_idCount));
        _idCount += ids.Length;
    }

    private Span<Slot> Row(uint hash) => _slots.AsSpan((int)(hash >> (32 - RowBits)) * RowLength, RowLength);

    // Whoever makes words that meet in a row makes his own texts slower, no more: no seed is needed.
    private static uint Hash(ReadOnlySpan<char> word)
    {
        const ulong Factor = 0x9E3779B97F4A7C15UL;
        var bytes = MemoryMarshal.AsBytes(word);
        var hash = (ulong)bytes.Length * Factor;
        if (bytes.Length >= sizeof(ulong))
        {
            var last = bytes.Length - sizeof(ulong);
            for (var i = 0; i < last; i += sizeof(ulong))
            {
                hash = (hash ^ MemoryMarshal.Read<ulong>(bytes[i..])) * Factor;
                hash ^= hash >> 32;
            }

            hash ^= MemoryMarshal.Read<ulong>(bytes[last..]);
        }
        else
        {
            hash ^= word[0] | (ulong)word[word.Length / 2] << 16 | (ulong)word[^1] << 32;
        }

        hash *= Factor;
        return (uint)((hash ^ (hash >> 29)) * Factor >> 32);
    }

    private struct Slot
    {
        public uint Hash;

        /// <summary>Where the word's characters begin.</summary>
        public int Chars;

        /// <summary>Where the ids begin; or the id, if there is one only.</summary>
        public int Ids;

        /// <summary>UTF-16 units; 0: the slot is free.</summary>
        public byte Length;
        public byte Count;
    }
}
