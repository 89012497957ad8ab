using System.Buffers;

namespace Sutra.Api.Ingestion.Uploads;

/// <summary>
/// RFC 4180: fields between commas, quoted ones may hold commas, line ends and doubled quotes. A record whose quotes are wrong ends with its
/// line, so that one such does not take all that follows with it.
/// </summary>
internal sealed class CsvSplitter(long offset, long line) : RecordSplitter(offset, line)
{
    private static readonly SearchValues<byte> s_plain = SearchValues.Create(",\n"u8);
    private static readonly SearchValues<byte> s_quoted = SearchValues.Create("\"\n"u8);

    private long _start = offset;
    private long _startLine = line;
    private bool _blank = true;
    private State _state = State.FieldStart;

    private enum State
    {
        FieldStart,
        Plain,
        Quoted,

        /// <summary>A quote in a quoted field: its end, or the first of two.</summary>
        Quote,

        /// <summary>Wrong up to the end of the line.</summary>
        Broken,
    }

    public override void Push(ReadOnlySpan<byte> bytes, IRecordSink sink)
    {
        while (!bytes.IsEmpty)
        {
            var skip = _state switch
            {
                State.Plain => bytes.IndexOfAny(s_plain),
                State.Quoted => bytes.IndexOfAny(s_quoted),
                State.Broken => bytes.IndexOf((byte)'\n'),
                _ => 0,
            };
            if (skip < 0)
            {
                Offset += bytes.Length;
                return;
            }

            Offset += skip;
            Step(bytes[skip], sink);
            bytes = bytes[(skip + 1)..];
        }
    }

    public override void End(IRecordSink sink) => Close(sink);

    private void Step(byte next, IRecordSink sink)
    {
        if (next == '\n')
        {
            if (_state != State.Quoted)
            {
                Close(sink);
            }

            Offset++;
            Line++;
            if (_state != State.Quoted)
            {
                (_start, _startLine, _state) = (Offset, Line, State.FieldStart);
            }

            return;
        }

        Offset++;
        _blank = _blank && next is (byte)'\r' or (byte)' ' or (byte)'\t';
        _state = (_state, next) switch
        {
            (State.FieldStart, (byte)'"') => State.Quoted,
            (State.FieldStart, (byte)',') => State.FieldStart,
            (State.FieldStart, _) => State.Plain,
            (State.Plain, _) => State.FieldStart,
            (State.Quoted, _) => State.Quote,
            (State.Quote, (byte)'"') => State.Quoted,
            (State.Quote, (byte)',') => State.FieldStart,
            (State.Quote, (byte)'\r') => State.Quote,
            _ => State.Broken,
        };
    }

    private void Close(IRecordSink sink)
    {
        if (!_blank)
        {
            sink.Add(new RecordPlace(_start, Offset - _start, _startLine));
        }

        _blank = true;
    }
}
