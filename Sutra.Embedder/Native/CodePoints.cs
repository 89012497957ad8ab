namespace Sutra.Embedder.Native;

/// <summary>
/// Turns places in UTF-16 units into places in code points (Unicode scalars), as Python, Rust's <c>chars()</c> and most people
/// count; asked mostly in ascending order, so it counts on from where it was.
/// </summary>
internal sealed class CodePoints(string text)
{
    private int _units;
    private int _points;

    /// <summary>Code points before a place.</summary>
    public int Before(int unit)
    {
        if (unit < _units)
        {
            (_units, _points) = (0, 0);
        }

        while (_units < unit)
        {
            _units += char.IsHighSurrogate(text[_units]) && _units + 1 < text.Length && char.IsLowSurrogate(text[_units + 1]) ? 2 : 1;
            _points++;
        }

        return _points;
    }
}
