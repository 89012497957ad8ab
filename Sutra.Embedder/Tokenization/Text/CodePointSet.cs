using System.Globalization;

namespace Sutra.Embedder.Tokenization.Text;

/// <summary>A set of code points, written as hexadecimal ranges: <c>7FD 897-89F</c>.</summary>
internal sealed class CodePointSet
{
    private readonly int[] _starts;
    private readonly int[] _stops;

    public CodePointSet(string ranges)
    {
        var parts = ranges.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        _starts = new int[parts.Length];
        _stops = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var ends = parts[i].Split('-');
            _starts[i] = int.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _stops[i] = int.Parse(ends[^1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
    }

    public bool Contains(int value)
    {
        var at = Array.BinarySearch(_starts, value);
        return at >= 0 || (at != -1 && value <= _stops[~at - 1]);
    }
}
