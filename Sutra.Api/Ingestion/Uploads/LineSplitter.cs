namespace Sutra.Api.Ingestion.Uploads;

/// <summary>A record a line; lines with nothing but white space are none.</summary>
internal sealed class LineSplitter(long offset, long line) : RecordSplitter(offset, line)
{
    private long _start = offset;
    private bool _blank = true;

    public override void Push(ReadOnlySpan<byte> bytes, IRecordSink sink)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            _blank = _blank && part.IndexOfAnyExcept(" \t\r"u8) < 0;
            Offset += part.Length;
            if (end < 0)
            {
                return;
            }

            Close(sink);
            Offset++;
            Line++;
            _start = Offset;
            bytes = bytes[(end + 1)..];
        }
    }

    public override void End(IRecordSink sink) => Close(sink);

    private void Close(IRecordSink sink)
    {
        if (!_blank)
        {
            sink.Add(new RecordPlace(_start, Offset - _start, Line));
        }

        _blank = true;
    }
}
