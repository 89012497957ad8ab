using Sutra.Storage.Lexical;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

internal sealed partial class Compactor
{
    private const double MaxWear = 0.1;

    private void MergeAll()
    {
        var idle = false;
        do
        {
            while (Choose(idle) is { Count: > 0 } inputs)
            {
                _settled = false;
                Merge(inputs, idle);
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
            var sizes = _segments.Select(segment => new MergePolicy.Size((uint)segment.Parts.Sum(part => part.View.Count), segment.Live, segment.Linked)).ToList();
            return [.. MergePolicy.Choose(sizes, idle, _options).Select(i => _segments[i])];
        }
    }

    private void Merge(List<Segment> inputs, bool idle)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var builder = _store.NewSegment(_log.Id);
        var begun = inputs.Count > 1 ? inputs.Where(CanBeBuiltOn).MaxBy(input => input.Live) : null;
        if (begun is not null)
        {
            builder.Resume(begun);
        }

        var merged = new MergedSegment(inputs, Output: null, [.. inputs.Select(input => Copy(input, builder, input == begun))]);
        if (builder.Rows > 0)
        {
            if (begun is not null || builder.Rows >= _options.LinkRows)
            {
                builder.LinkGraphs(idle ? Environment.ProcessorCount : _options.BuildThreads, _stop.Token);
            }

            LexicalSource[] texts = [.. inputs.Select((input, i) => new LexicalSource(input.Texts, merged.NewRows[i]))];
            merged = merged with { Output = _store.Open(_log.Id, builder.Number, builder.Finish(_options.Language, texts)) };
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

    // What is dead stays in a graph that is built on, for walks to pass through: not too much of it.
    private bool CanBeBuiltOn(Segment segment) =>
        segment.Linked && segment.Parts.All(part => part.Wear <= MaxWear && part.View.M == _options.M);

    // Where each row went; -1 for the dead.
    private int[] Copy(Segment input, SegmentBuilder builder, bool resumed)
    {
        var rows = new int[input.Rows];
        for (uint row = 0; row < rows.Length; row++)
        {
            _stop.Token.ThrowIfCancellationRequested();
            rows[row] = !input.IsAlive(row) ? -1 : (int)(resumed ? builder.AddResumed(input, row) : builder.Add(input, row));
        }

        return rows;
    }
}
