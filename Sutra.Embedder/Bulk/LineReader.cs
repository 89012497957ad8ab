using System.Buffers;
using System.IO.Pipelines;

namespace Sutra.Embedder.Bulk;

/// <summary>Lines of a request's body, one at a time, none longer than a limit; what is longer is skipped up to its end.</summary>
internal sealed class LineReader(PipeReader body, int longest)
{
    private ReadOnlySequence<byte> _rest;
    private bool _isComplete;
    private bool _isSkipping;
    private bool _holds;

    /// <summary>What the last <see cref="TryTake"/> gave was longer than the limit; the line is empty then.</summary>
    public bool WasTooLong { get; private set; }

    /// <summary>Nothing more comes.</summary>
    public bool IsComplete => _isComplete && _rest.IsEmpty;

    /// <summary>Reads on. Lines taken before are gone then.</summary>
    public async ValueTask ReadAsync(CancellationToken cancellation)
    {
        if (_holds)
        {
            body.AdvanceTo(_rest.Start, _rest.End);
            _holds = false;
        }

        var result = await body.ReadAsync(cancellation);
        _holds = true;
        _rest = result.Buffer;
        _isComplete = result.IsCompleted;
    }

    /// <summary>The next line, without its end, if all of it is there.</summary>
    public bool TryTake(out ReadOnlySequence<byte> line)
    {
        WasTooLong = false;
        line = default;
        if (_rest.PositionOf((byte)'\n') is { } end)
        {
            line = _rest.Slice(0, end);
            _rest = _rest.Slice(_rest.GetPosition(1, end));
        }
        else if (_rest.Length > longest)
        {
            // What there is of it is let go now; the line is answered once.
            var again = _isSkipping;
            _isSkipping = true;
            _rest = _rest.Slice(_rest.End);
            WasTooLong = !again;
            return !again;
        }
        else if (_isComplete && !_rest.IsEmpty)
        {
            line = _rest;
            _rest = _rest.Slice(_rest.End);
        }
        else
        {
            if (_isSkipping)
            {
                _rest = _rest.Slice(_rest.End);
            }

            return false;
        }

        if (_isSkipping)
        {
            _isSkipping = false;
            return TryTake(out line);
        }

        WasTooLong = line.Length > longest;
        return true;
    }

    /// <summary>Gives the buffers back.</summary>
    public void Release()
    {
        if (_holds)
        {
            body.AdvanceTo(_rest.Start);
            _holds = false;
        }
    }
}
