using System.Runtime.CompilerServices;

namespace Sutra.Storage.Hnsw;

/// <summary>What may be found: allowed and not deleted. A picture of both sets at the start of a search.</summary>
internal readonly struct SlotFilter(SlotBitmap? allowed, SlotBitmap? deleted)
{
    private readonly ulong[]? _allowed = allowed?.Words;
    private readonly ulong[] _deleted = deleted?.Words ?? [];

    /// <summary>Whether everything may be found.</summary>
    public bool IsEmpty => _allowed is null && _deleted.Length == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Allows(uint slot) => (_allowed is null || SlotBitmap.Contains(_allowed, slot)) && !SlotBitmap.Contains(_deleted, slot);

    /// <summary>Whether the slot or one of its twins may be found.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool AllowsAny(in GraphView view, uint slot) => Allows(slot) || (view.TwinOf(slot) != GraphView.None && AllowsTwin(view, slot));

    /// <summary>Slots 64·<paramref name="word"/> and following, a bit each.</summary>
    public ulong Word(int word)
    {
        var kept = _allowed is null ? ulong.MaxValue : word < _allowed.Length ? _allowed[word] : 0;
        return kept & ~(word < _deleted.Length ? _deleted[word] : 0);
    }

    /// <summary>The first word from <paramref name="from"/> on in which something may be allowed; <paramref name="end"/> if none is.</summary>
    public int NextWord(int from, int end)
    {
        if (_allowed is null)
        {
            return Math.Min(from, end);
        }

        var stop = Math.Min(end, _allowed.Length);
        var at = from < stop ? _allowed.AsSpan(from, stop - from).IndexOfAnyExcept(0UL) : -1;
        return at < 0 ? end : from + at;
    }

    private bool AllowsTwin(in GraphView view, uint slot)
    {
        for (var twin = view.TwinOf(slot); twin != GraphView.None; twin = view.TwinOf(twin))
        {
            if (Allows(twin))
            {
                return true;
            }
        }

        return false;
    }
}
