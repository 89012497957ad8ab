using System.Text;

namespace Sutra.Api.Documents.Parsing;

/// <summary>Plain text that knows where in its source each character stood.</summary>
internal sealed class MappedText
{
    private readonly StringBuilder _text = new();

    // Where in the text a run begins, and where in the source: within a run both go on side by side.
    private readonly List<(int Plain, int Source)> _runs = [];
    private string? _finished;

    public int Length => _text.Length;

    public override string ToString() => _finished ??= _text.ToString();

    public void Append(ReadOnlySpan<char> text, int source)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (_runs.Count == 0 || _runs[^1].Source + (_text.Length - _runs[^1].Plain) != source)
        {
            _runs.Add((_text.Length, source));
        }

        _text.Append(text);
        _finished = null;
    }

    /// <summary>Text with its white space, line ends included, as single spaces.</summary>
    public void AppendWords(ReadOnlySpan<char> text, int source)
    {
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                if (_text.Length > 0 && !char.IsWhiteSpace(_text[^1]))
                {
                    Append(" ", source + i);
                }

                i++;
                continue;
            }

            var length = text[i..].IndexOfAny(" \t\r\n\f\v");
            length = length < 0 ? text.Length - i : Math.Max(1, length);
            Append(text.Slice(i, length), source + i);
            i += length;
        }
    }

    /// <summary>Where in the source the characters from <paramref name="start"/> to before <paramref name="end"/> stood.</summary>
    public (int Offset, int Length) SourceOf(int start, int end)
    {
        var from = At(start);
        return (from, Math.Max(0, At(Math.Max(start, end - 1)) + 1 - from));
    }

    private int At(int plain)
    {
        var (low, high) = (0, _runs.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_runs[middle].Plain <= plain)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _runs.Count == 0 ? 0 : _runs[low].Source + (plain - _runs[low].Plain);
    }
}
