using Sutra.Api.Ingestion.Jobs;

namespace Sutra.Api.Ingestion.Uploads;

/// <summary>Puts records that follow each other into ranges. One that is larger than any may be has a range of its own, so that it is never read.</summary>
/// <param name="skip">Records at the beginning that are none: a CSV's header.</param>
internal sealed class RangeBuilder(int mostItems, int mostBytes, int skip) : IRecordSink
{
    private readonly List<JobRange> _ranges = [];
    private int _skip = skip;
    private RecordPlace _first;
    private long _end;
    private int _items;

    public long Items { get; private set; }

    /// <summary>What was skipped.</summary>
    public RecordPlace? Skipped { get; private set; }

    public void Add(RecordPlace record)
    {
        if (_skip > 0)
        {
            _skip--;
            Skipped = record;
            return;
        }

        if (_items > 0 && (_items == mostItems || record.Offset + record.Length - _first.Offset > mostBytes))
        {
            Close();
        }

        if (_items == 0)
        {
            _first = record;
        }

        _items++;
        _end = record.Offset + record.Length;
        Items++;
    }

    public IReadOnlyList<JobRange> Build()
    {
        Close();
        return _ranges;
    }

    private void Close()
    {
        if (_items > 0)
        {
            _ranges.Add(new JobRange(_ranges.Count, _first.Offset, _end - _first.Offset, _first.Line, _items));
            _items = 0;
        }
    }
}
