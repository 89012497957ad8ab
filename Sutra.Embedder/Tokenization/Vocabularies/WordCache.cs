using System.Runtime.InteropServices;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>
/// Ids of short words seen before, one word to a slot, a later one in place of an earlier: 512 KiB whatever is read, and
/// nothing is allocated for a word. For one thread.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longest word that is kept, in UTF-16 units.</summary>
    public const int MaxLength = 16;

    private const int MaxIds = 6;
    private const int Slots = 8192;

    private readonly Slot[] _slots = new Slot[Slots];

    /// <summary>Appends the ids of <paramref name="word"/> if it is known.</summary>
    public bool TryGet(ReadOnlySpan<char> word, TokenBuffer tokens, out Key key)
    {
        key = new Key(word);
        ref var slot = ref _slots[key.Slot];
        if (slot.Length != word.Length || slot.A != key.A || slot.B != key.B || slot.C != key.C || slot.D != key.D)
        {
            return false;
        }

        tokens.Add(MemoryMarshal.CreateReadOnlySpan(ref slot.Id0, MaxIds)[..slot.Count]);
        return true;
    }

    /// <summary>Keeps the ids of a word, unless there are too many.</summary>
    public void Set(in Key key, int length, ReadOnlySpan<int> ids)
    {
        if (ids.Length > MaxIds)
        {
            return;
        }

        ref var slot = ref _slots[key.Slot];
        (slot.A, slot.B, slot.C, slot.D) = (key.A, key.B, key.C, key.D);
        (slot.Length, slot.Count) = ((byte)length, (byte)ids.Length);
        ids.CopyTo(MemoryMarshal.CreateSpan(ref slot.Id0, MaxIds));
    }

    /// <summary>A word's characters in four integers.</summary>
    public readonly struct Key
    {
        public Key(ReadOnlySpan<char> word)
        {
            Span<char> padded = stackalloc char[MaxLength];
            word.CopyTo(padded);
            var parts = MemoryMarshal.Cast<char, ulong>(padded);
            (A, B, C, D) = (parts[0], parts[1], parts[2], parts[3]);
            var hash = (A * 0x9E3779B97F4A7C15UL) ^ ((B + 1) * 0xC2B2AE3D27D4EB4FUL) ^ ((C + 2) * 0x165667B19E3779F9UL) ^ ((D + 3) * 0x27D4EB2F165667C5UL);
            hash = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15UL;
            Slot = (int)(hash >> 51);
        }

        public ulong A { get; }

        public ulong B { get; }

        public ulong C { get; }

        public ulong D { get; }

        public int Slot { get; }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Slot
    {
        public ulong A;
        public ulong B;
        public ulong C;
        public ulong D;
        public int Id0;
        public int Id1;
        public int Id2;
        public int Id3;
        public int Id4;
        public int Id5;
        public byte Length;
        public byte Count;
    }
}
