using Sutra.Storage.Lifetime;
using Sutra.Storage.Search;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

/// <summary>
/// All concepts as of one record: what is in memory and what is in segments. It never changes; readers hold it while they read
/// (<see cref="Acquire"/>), and with it the segments' maps.
/// </summary>
internal sealed class EngineView : IDisposable
{
    private Holds _holds = new();

    public EngineView(ulong sequence, long count, MemoryTable active, MemoryTable? frozen, IReadOnlyList<Segment> segments)
    {
        Sequence = sequence;
        Count = count;
        Active = active;
        ActiveVectors = active.Vectors;
        Frozen = frozen;
        active.Acquire();
        frozen?.Acquire();
        Segments = new SegmentView[segments.Count];
        for (var i = 0; i < segments.Count; i++)
        {
            segments[i].Acquire();
            Segments[i] = new SegmentView(segments[i], [.. segments[i].Parts.Select(part => part.Publish())]);
        }
    }

    /// <summary>Of the last record that counts.</summary>
    public ulong Sequence { get; }

    /// <summary>Concepts.</summary>
    public long Count { get; }

    public MemoryTable Active { get; }

    public IReadOnlyList<VectorRows> ActiveVectors { get; }

    public MemoryTable? Frozen { get; }

    public SegmentView[] Segments { get; }

    /// <summary>False: it was replaced, and the last reader has gone.</summary>
    public bool Acquire() => _holds.TryAdd();

    /// <summary>For <c>using</c>: lets go of one hold.</summary>
    void IDisposable.Dispose() => Release();

    public void Release()
    {
        if (_holds.Remove())
        {
            Active.Release();
            Frozen?.Release();
            foreach (var segment in Segments)
            {
                segment.Segment.Release();
            }
        }
    }
}

/// <param name="Dead">Of each of its parts.</param>
internal readonly record struct SegmentView(Segment Segment, DeadSlots[] Dead);
