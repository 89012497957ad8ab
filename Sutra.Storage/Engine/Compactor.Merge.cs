using Sutra.Storage.Associations;
using Sutra.Storage.Filtering;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Lexical;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

internal sealed partial class Compactor
{
    private const double MaxWear = 0.2;

    // Tables of rows are written in one piece of at most 2 GiB.
    private const long MaxRows = 1 << 25;

    // Bytes a row besides: upper levels, tables, what is known of it.
    private const int SegmentOverhead = 160;

    private void MergeAll()
    {
        var idle = false;
        do
        {
            while (Choose(idle) is { Count: > 0 } inputs)
            {
                _settled = false;
                MergeHeld(inputs, idle);
            }

            _settled = idle && _frozen is null;
            var before = _state.Changes;
            switch (WaitHandle.WaitAny([_mergeWanted, _stop.Token.WaitHandle], _options.Idle))
            {
                case WaitHandle.WaitTimeout:
                    idle = _state.Changes == before;
                    break;
                case 0:
                    idle = false;
                    break;
                default:
                    return;
            }
        }
        while (true);
    }

    private List<Segment> Choose(bool idle)
    {
        lock (_commit)
        {
            var whole = _segments.Where(segment => !_damaged.Contains(segment.Number)).ToList();
            var sizes = whole.ConvertAll(segment => new MergePolicy.Size((uint)segment.Parts.Sum(part => part.View.Count), segment.Live, segment.Linked, segment.MustBeRewritten));
            return [.. MergePolicy.Choose(sizes, idle, _options, MostRows(whole)).Select(i => whole[i])];
        }
    }

    // A merge has its vectors and links in memory, and must leave as much to everybody else.
    private long MostRows(List<Segment> segments)
    {
        var dimension = segments.SelectMany(segment => segment.Parts).Select(part => part.Dimension).DefaultIfEmpty(1).Max();
        var most = segments.SelectMany(segment => segment.Parts).Select(part => part.View.M).DefaultIfEmpty(1).Max();
        var bytes = GraphView.VectorStride(dimension) + GraphView.CodeStride(dimension) + (2 * GraphView.LinkStride(most)) + SegmentOverhead;
        return Math.Min(_options.MostMergedRows ?? MaxRows, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 / bytes);
    }

    // The merger's own hold: the last one to let go unmaps and deletes files, and that must not be the log's thread.
    private void MergeHeld(List<Segment> inputs, bool idle)
    {
        _merging?.Wait(_stop.Token);
        inputs.ForEach(input => input.Acquire());
        try
        {
            Merge(inputs, idle);
        }
        catch (SegmentCorruptException e)
        {
            Log.Damaged(_logger, e);
        }
        finally
        {
            inputs.ForEach(input => input.Release());
            _merging?.Release();
        }
    }

    private void Merge(List<Segment> inputs, bool idle)
    {
        var started = TimeProvider.System.GetTimestamp();
        var marks = inputs.ConvertAll(input => input.RewriteMarks);
        var outputs = new List<MergedRows>();
        var (concepts, unreachable) = (0, 0u);
        try
        {
            // One that must be rewritten, but is larger than any merge may be, becomes several.
            var most = inputs.Count == 1 ? Math.Max(MostRows(inputs), 1) : long.MaxValue;
            for (uint? next = 0; next is { } first;)
            {
                using var builder = _store.NewSegment(_log.Id);
                if (MergeRows(inputs, builder, first, most, idle, out next) is { } output)
                {
                    outputs.Add(output);
                    concepts += builder.Rows;
                    unreachable += builder.Unreachable;
                }
            }
        }
        catch
        {
            foreach (var output in outputs)
            {
                output.Segment.DeleteAtEnd();
                output.Segment.Release();
            }

            throw;
        }

        var merged = new MergedSegment(inputs, outputs, marks);
        Commit(
            outputs.ConvertAll(output => output.Segment),
            segments =>
            {
                // What was removed meanwhile may be behind the checkpoint by now: the segment must not come up without it.
                merged.CarryDeaths();
                return merged.Apply(segments);
            },
            checkpoint: null,
            () => _state.InstallMerged(merged));
        var took = TimeProvider.System.GetElapsedTime(started);
        _telemetry.Merged(took, concepts);
        Log.Merged(_logger, inputs.Count, outputs.Count, concepts, took.TotalMilliseconds, unreachable);
    }

    /// <param name="first">Row of the only input to begin with.</param>
    /// <param name="most">Rows of the output.</param>
    /// <param name="next">Row of the only input to go on with; null when all is done.</param>
    /// <returns>Null when nothing was alive.</returns>
    private MergedRows? MergeRows(List<Segment> inputs, SegmentBuilder builder, uint first, long most, bool idle, out uint? next)
    {
        var begun = inputs.Count > 1 ? inputs.Where(CanBeBuiltOn).MaxBy(input => input.Live) : null;
        if (begun is not null)
        {
            Read(begun, () => builder.Resume(begun));
        }

        var newRows = new List<int[]>();
        var row = first;
        foreach (var input in inputs)
        {
            row = first;
            Read(input, () => newRows.Add(Copy(input, builder, input == begun, ref row, most)));
        }

        next = row < inputs[^1].Rows ? row : null;
        if (builder.Rows == 0)
        {
            return null;
        }

        if (begun is not null || builder.Rows >= _options.LinkRows)
        {
            builder.LinkGraphs(idle ? Environment.ProcessorCount : _options.BuildThreads, _stop.Token);
        }

        LexicalSource[] texts = [.. inputs.Select((input, i) => new LexicalSource(input.Texts, newRows[i]))];
        FilterSource[] filters = [.. inputs.Select((input, i) => new FilterSource(input.Filters.Image, newRows[i]))];
        AssociationSource[] associations = [.. inputs.Select((input, i) => new AssociationSource(input.Associations, newRows[i]))];
        return new MergedRows(_store.Open(_log.Id, builder.Number, Finish(builder, inputs, texts, filters, associations)), newRows);
    }

    // What is dead stays in a graph that is built on, for walks to pass through: not too much of it.
    private bool CanBeBuiltOn(Segment segment) =>
        segment.Linked && !segment.MustBeRewritten && segment.Parts.All(part => part.CanBeResumed && part.Wear <= MaxWear && part.View.M == _options.M);

    // Their indexes are read as they are merged: damage in one of them is told, not which one's.
    private string Finish(SegmentBuilder builder, List<Segment> inputs, LexicalSource[] texts, FilterSource[] filters, AssociationSource[] associations)
    {
        try
        {
            return builder.Finish(_options.Language, texts, filters, associations);
        }
        catch (InvalidDataException e)
        {
            inputs.ForEach(input => _damaged.Add(input.Number));
            throw new SegmentCorruptException($"One of '{string.Join("', '", inputs.Select(input => input.Path))}' is corrupt: {e.Message}", e);
        }
    }

    private void Read(Segment input, Action read)
    {
        try
        {
            read();
        }
        catch (SegmentCorruptException)
        {
            _damaged.Add(input.Number);
            throw;
        }
    }

    // Where each row went; -1 for the dead, and for those before the first and after the last that there was room for.
    private int[] Copy(Segment input, SegmentBuilder builder, bool resumed, ref uint row, long most)
    {
        var rows = new int[input.Rows];
        Array.Fill(rows, -1);
        for (; row < rows.Length && builder.Rows < most; row++)
        {
            _stop.Token.ThrowIfCancellationRequested();
            rows[row] = !input.IsAlive(row) ? -1 : (int)(resumed ? builder.AddResumed(input, row) : builder.Add(input, row));
        }

        return rows;
    }
}
