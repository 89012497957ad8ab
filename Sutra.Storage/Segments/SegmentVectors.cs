using System.Text;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Segments;

/// <summary>The vectors of one model in a segment, and which of them are no more.</summary>
internal sealed unsafe class SegmentVectors : IDisposable
{
    // So many removals may be passed over one by one before the set that searches get is made anew: a copy of a bit a row.
    private const int MaxPending = 16;

    private readonly SegmentFile _file;
    private readonly int _part;
    private readonly MappedGraph _graph;
    private readonly uint* _rowOfSlot;
    private readonly ulong[] _deadWords;
    private DeadSlots _dead = DeadSlots.None;
    private int _deadCount;
    private int _pending;

    public SegmentVectors(SegmentFile file, int part)
    {
        Model = Encoding.UTF8.GetString(file.Rows<byte>(SectionKind.Model, part));
        var graph = file.Entry(SectionKind.Graph, part);
        var vectors = file.Entry(SectionKind.Vectors, part);
        Linked = graph.Flags == 1;
        _graph = MappedGraph.Open(file.Address(graph), graph.Length, file.Address(vectors));
        var view = _graph.View;
        var checksums = file.Rows<uint>(SectionKind.VectorChecksums, part);
        if (checksums.Length != view.Count || file.Rows<uint>(SectionKind.RowOfSlot, part).Length != view.Count || vectors.Length < (long)view.Count * view.Vectors.Stride)
        {
            _graph.Dispose();
            throw file.Damaged($"the sections of part {part} do not fit each other");
        }

        _graph.CheckVectors(new RowChecks(
            view.Vectors,
            view.Count,
            (uint*)file.Address(file.Entry(SectionKind.VectorChecksums, part)),
            slot => file.Damaged($"vector {slot} of part {part} fails its checksum")));
        _rowOfSlot = (uint*)file.Address(file.Entry(SectionKind.RowOfSlot, part));
        _deadWords = new ulong[(view.Count + 63) / 64];
        _file = file;
        _part = part;
        HideRowless(view.Count);
    }

    public string Model { get; }

    public int Dimension => View.Dimension;

    public bool Linked { get; }

    public GraphView View => _graph.View;

    public uint Live => View.Count - (uint)Volatile.Read(ref _deadCount);

    /// <summary>Share of its vectors that nobody can find.</summary>
    public double Wear => 1 - (double)Live / View.Count;

    /// <summary>Whether a merge may go on with the graph: what its links are worth is read in one piece.</summary>
    public bool CanBeResumed => Linked && _file.Entry(SectionKind.Worths, _part).Length <= int.MaxValue;

    /// <summary>What its links are worth, checked.</summary>
    public ReadOnlySpan<byte> Worths => _file.Checked(SectionKind.Worths, _part);

    /// <summary>Whether each slot's number is that of its row.</summary>
    public bool RowsAreSlots { get; private set; } = true;

    /// <summary>Bytes of links and codes.</summary>
    public long IndexBytes => (long)View.Count * (View.Codes.Stride + (Linked ? View.Links.Stride : 0) + 2 * sizeof(uint) + sizeof(byte) + sizeof(float));

    public uint RowOf(uint slot) => _rowOfSlot[slot];

    /// <summary>A vector at length one, checked.</summary>
    public ReadOnlySpan<float> Vector(uint slot)
    {
        View.VectorChecks!.Ensure(slot);
        return View.Vector(slot);
    }

    /// <summary>One thread at a time. Searches hear of it with the next <see cref="Publish"/>.</summary>
    public void MarkDead(uint slot)
    {
        _deadWords[slot >> 6] |= 1UL << (int)(slot & 63);
        _pending++;
        Volatile.Write(ref _deadCount, _deadCount + 1);
    }

    /// <summary>What searches pass over from now on.</summary>
    public DeadSlots Publish()
    {
        if (_pending > MaxPending)
        {
            _dead = new DeadSlots(SlotBitmap.FromWords([.. _deadWords]), Pending: 0);
            _pending = 0;
        }
        else if (_pending != _dead.Pending)
        {
            _dead = _dead with { Pending = _pending };
        }

        return _dead;
    }

    /// <summary>The nearest. Some may be dead, at most <paramref name="dead"/>'s pending ones: ask for as many more.</summary>
    /// <param name="allowed">The only ones that may be found; null for all.</param>
    public int Search(ReadOnlySpan<float> query, int ef, float oversample, int wanted, DeadSlots dead, SlotBitmap? allowed, Span<Neighbour> results, CancellationToken cancellation = default)
    {
        var k = Math.Min(wanted + dead.Pending, results.Length);
        var request = new HnswQuery(k)
        {
            Ef = ef + dead.Pending,
            Oversample = (wanted * oversample + dead.Pending) / k,
            Way = Linked ? null : SearchWay.Exact,
            Allowed = allowed,
            Cancellation = cancellation,
        };
        return _graph.Search(query, request, dead.Slots, results);
    }

    public void Dispose() => _graph.Dispose();

    // Vectors that a merge kept for the graph's sake.
    private void HideRowless(uint count)
    {
        for (uint slot = 0; slot < count; slot++)
        {
            RowsAreSlots &= _rowOfSlot[slot] == slot;
            if (_rowOfSlot[slot] == RowEntry.None)
            {
                _deadWords[slot >> 6] |= 1UL << (int)(slot & 63);
                _deadCount++;
            }
        }

        if (_deadCount > 0)
        {
            _dead = new DeadSlots(SlotBitmap.FromWords([.. _deadWords]), Pending: 0);
        }
    }
}

/// <summary>Vectors that are no more, as of one moment.</summary>
/// <param name="Slots">Most of them; null for none.</param>
/// <param name="Pending">How many are not in <paramref name="Slots"/>.</param>
internal sealed record DeadSlots(SlotBitmap? Slots, int Pending)
{
    public static readonly DeadSlots None = new(null, 0);
}
