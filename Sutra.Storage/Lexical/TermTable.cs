using System.Runtime.InteropServices;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Lexical;

/// <summary>What is known of a term while its postings grow. The first three fields never change once the table has it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TermRecord
{
    /// <summary>Where its bytes are in the arena, after one byte that says how many.</summary>
    public uint Text;

    public uint Hash;

    /// <summary>Last row in the upper, number of postings in the lower half. What it counts can be read.</summary>
    public ulong Published;

    /// <summary>First slice.</summary>
    public uint Head;

    // The highest frequency and the lowest length code: raised and lowered before postings are published.
    public uint MaxFrequency;
    public uint MinLength;

    // The writer's own: where it writes next, where the slice ends, what the text at hand has.
    public uint Write;
    public uint SliceEnd;
    public int Level;
    public uint PendingFrequency;
    public uint PendingRow;
}

/// <summary>
/// Finds terms: an open hash table of numbers, records beside it. One writer; readers without locks, who find every term that was there
/// when they took <see cref="Slots"/>.
/// </summary>
internal sealed unsafe class TermTable(PostingArena arena) : IDisposable
{
    private readonly RowStore _records = new(sizeof(TermRecord), 8);
    private int[] _slots = new int[1024];
    private int _count;

    public RowView Records => _records.View;

    /// <summary>Number + 1, or 0. Replaced when it grows.</summary>
    public int[] Slots => Volatile.Read(ref _slots);

    public int Count => Volatile.Read(ref _count);

    public long Bytes => (long)_count * sizeof(TermRecord) + (long)_slots.Length * sizeof(int);

    public TermRecord* this[uint term] => (TermRecord*)_records.View[term];

    /// <summary>The number of a term, or -1.</summary>
    public int Find(int[] slots, ReadOnlySpan<byte> utf8) => Probe(slots, utf8, Hash(utf8), out _);

    /// <summary>The number of a term that is there afterwards.</summary>
    public uint GetOrAdd(ReadOnlySpan<byte> utf8)
    {
        var hash = Hash(utf8);
        var found = Probe(_slots, utf8, hash, out var slot);
        if (found >= 0)
        {
            return (uint)found;
        }

        if ((_count + 1) * 2L > _slots.Length)
        {
            Grow();
            Probe(_slots, utf8, hash, out slot);
        }

        var term = (uint)_count;
        _records.EnsureCapacity(term + 1);
        var text = arena.Allocate((uint)utf8.Length + 1);
        var to = arena.View[text];
        *to = (byte)utf8.Length;
        utf8.CopyTo(new Span<byte>(to + 1, utf8.Length));
        *this[term] = new TermRecord { Text = text, Hash = hash, MinLength = byte.MaxValue, PendingRow = uint.MaxValue };
        Volatile.Write(ref _slots[slot], (int)term + 1);
        Volatile.Write(ref _count, _count + 1);
        return term;
    }

    public ReadOnlySpan<byte> Text(uint term)
    {
        var text = arena.View[this[term]->Text];
        return new ReadOnlySpan<byte>(text + 1, *text);
    }

    public void Dispose() => _records.Dispose();

    // Random per process: nobody can write texts whose words all collide.
    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = (uint)string.GetHashCode(MemoryMarshal.Cast<byte, char>(utf8), StringComparison.Ordinal);
        return (utf8.Length & 1) == 0 ? hash : (hash ^ utf8[^1] ^ 0x100) * 0x9E3779B1;
    }

    private int Probe(int[] slots, ReadOnlySpan<byte> utf8, uint hash, out int slot)
    {
        var mask = slots.Length - 1;
        for (slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            var term = Volatile.Read(ref slots[slot]) - 1;
            if (term < 0 || (this[(uint)term]->Hash == hash && Text((uint)term).SequenceEqual(utf8)))
            {
                return term;
            }
        }
    }

    private void Grow()
    {
        var slots = new int[_slots.Length * 2];
        for (var term = 0; term < _count; term++)
        {
            var slot = (int)this[(uint)term]->Hash & (slots.Length - 1);
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & (slots.Length - 1);
            }

            slots[slot] = term + 1;
        }

        Volatile.Write(ref _slots, slots);
    }
}
