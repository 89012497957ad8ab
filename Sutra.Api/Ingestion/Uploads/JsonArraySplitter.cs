using System.Buffers;

namespace Sutra.Api.Ingestion.Uploads;

/// <summary>
/// The elements of one JSON array, by its strings, brackets and commas only. What is wrong inside an element is wrong with that element;
/// brackets that do not match are wrong with the upload.
/// </summary>
/// <param name="inside">It begins with an element, and may end after one.</param>
internal sealed class JsonArraySplitter(long offset, long line, bool inside) : RecordSplitter(offset, line)
{
    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}[],"u8);
    private static readonly SearchValues<byte> s_string = SearchValues.Create("\"\\"u8);

    private long _start = offset;
    private int _depth;
    private int _marks;
    private bool _any;
    private State _state = inside ? State.BeforeElement : State.BeforeArray;

    private enum State
    {
        BeforeArray,
        BeforeElement,
        Element,
        String,

        /// <summary>After a backslash in a string.</summary>
        Escape,
        AfterArray,
    }

    public override void Push(ReadOnlySpan<byte> bytes, IRecordSink sink)
    {
        while (!bytes.IsEmpty)
        {
            var skip = _state switch
            {
                State.Element => bytes.IndexOfAny(s_structure),
                State.String => bytes.IndexOfAny(s_string),
                _ => 0,
            };
            if (skip < 0)
            {
                Offset += bytes.Length;
                return;
            }

            Offset += skip;
            Step(bytes[skip], sink);
            Offset++;
            bytes = bytes[(skip + 1)..];
        }
    }

    public override void End(IRecordSink sink)
    {
        if (inside && _state != State.BeforeElement)
        {
            sink.Add(new RecordPlace(_start, Offset - _start, Line));
        }
        else if (!inside && _state != State.AfterArray)
        {
            throw new UploadException(_state == State.BeforeArray ? "The body is empty." : "The body ends before its array does.");
        }
    }

    private void Step(byte next, IRecordSink sink)
    {
        switch (_state)
        {
            case State.Escape:
                _state = State.String;
                break;
            case State.String:
                _state = next == '"' ? State.Element : State.Escape;
                break;
            case State.Element:
                StepInElement(next, sink);
                break;
            case State.BeforeElement when next == ']' && !_any && !inside:
                _state = State.AfterArray;
                break;
            case State.BeforeElement when !IsSpace(next):
                _start = Offset;
                _state = State.Element;
                StepInElement(next, sink);
                break;
            case State.BeforeArray when next == '[':
                _state = State.BeforeElement;
                break;
            case State.BeforeArray when _marks < 3 && IsByteOrderMark(next):
                _marks++;
                break;
            case State.BeforeArray or State.AfterArray when !IsSpace(next):
                throw new UploadException($"The body is not one JSON array (byte {Offset + 1}).");
        }
    }

    private void StepInElement(byte next, IRecordSink sink)
    {
        switch (next)
        {
            case (byte)'"':
                _state = State.String;
                break;
            case (byte)'{' or (byte)'[':
                _depth++;
                break;
            case (byte)']' when _depth == 0 && !inside:
                Close(sink);
                _state = State.AfterArray;
                break;
            case (byte)'}' or (byte)']':
                if (--_depth < 0)
                {
                    throw new UploadException($"The body's brackets do not match (byte {Offset + 1}).");
                }

                break;
            case (byte)',' when _depth == 0:
                Close(sink);
                _state = State.BeforeElement;
                break;
        }
    }

    private void Close(IRecordSink sink)
    {
        sink.Add(new RecordPlace(_start, Offset - _start, Line));
        Line++;
        _any = true;
    }

    private bool IsByteOrderMark(byte next) => next == (_marks switch { 0 => 0xEF, 1 => 0xBB, _ => 0xBF });

    private static bool IsSpace(byte next) => next is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';
}
