using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

internal sealed partial class Compactor
{
    private void MergeAll()
    {
        var idle = false;
        do
        {
            while (Choose(idle) is { Count: > 0 } inputs)
            {
                _settled = false;
                Merge(inputs);
            }

            _settled = idle;

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
            var sizes = _segments.Select(segment => new MergePolicy.Size(segment.Rows, segment.Live, segment.Linked)).ToList();
            return [.. MergePolicy.Choose(sizes, idle, _options).Select(i => _segments[i])];
        }
    }

    private void Merge(List<Segment> inputs)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var builder = _store.NewSegment(_log.Id);
        var merged = new MergedSegment(inputs, Output: null, [.. inputs.Select(input => Copy(input, builder))]);
        if (builder.Rows > 0)
        {
            if (builder.Rows >= _options.LinkRows)
            {
                builder.LinkGraphs(_options.BuildThreads, _stop.Token);
            }

            merged = merged with { Output = _store.Open(_log.Id, builder.Number, builder.Finish()) };
        }

        lock (_commit)
        {
            // What was removed meanwhile may be behind the checkpoint by now: the segment must not come up without it.
            merged.CarryDeaths();
            var after = merged.Apply(_segments);
            _store.Commit(_log.Id, after, _store.Checkpoint);
            Install(() => _state.InstallMerged(merged));
            _segments = after;
        }

        var took = TimeProvider.System.GetElapsedTime(started);
        _telemetry.Merged(took, builder.Rows);
        Log.Merged(_logger, inputs.Count, builder.Rows, took.TotalMilliseconds, builder.Unreachable);
    }

    // Where each row went; -1 for the dead.
    private int[] Copy(Segment input, SegmentBuilder builder)
    {
        var rows = new int[input.Rows];
        for (uint row = 0; row < rows.Length; row++)
        {
            if (!input.IsAlive(row))
            {
                rows[row] = -1;
                continue;
            }

            _stop.Token.ThrowIfCancellationRequested();
            var identity = input.Identity(row);
            rows[row] = (int)builder.Add(input.Payload(row), identity.Check, identity.Salted != 0, input.PartOf(row).Model, input.Vector(row));
        }

        return rows;
    }
}
