namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>A part of a text that a pattern matched, or what lies between two matches.</summary>
internal readonly record struct Part(int Start, int Stop, bool IsMatch);

/// <summary>Parts in order.</summary>
internal sealed class PartList
{
    // What a text of more parts needed is given up after it.
    private const int KeepAtMost = 1 << 16;

    private Part[] _parts = new Part[256];

    public int Count { get; private set; }

    public ref readonly Part this[int index] => ref _parts[index];

    public void Clear()
    {
        Count = 0;
        if (_parts.Length > KeepAtMost)
        {
            _parts = new Part[256];
        }
    }

    /// <summary>Forgets all parts from <paramref name="count"/> on.</summary>
    public void CutTo(int count) => Count = Math.Min(Count, count);

    public void Add(int start, int stop, bool isMatch)
    {
        if (Count == _parts.Length)
        {
            Array.Resize(ref _parts, Count * 2);
        }

        _parts[Count++] = new Part(start, stop, isMatch);
    }
}
