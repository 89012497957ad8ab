namespace Sutra.Embedder.Tokenization.Text;

/// <summary>Parts of a <see cref="TextBuffer"/>, in order; a part may be an added token already.</summary>
internal sealed class PieceList
{
    // What a text of more pieces needed is given up after it.
    private const int KeepAtMost = 1 << 16;

    private Piece[] _pieces = new Piece[256];

    public int Count { get; private set; }

    public ref readonly Piece this[int index] => ref _pieces[index];

    public void Clear()
    {
        Count = 0;
        if (_pieces.Length > KeepAtMost)
        {
            _pieces = new Piece[256];
        }
    }

    /// <summary>Adds a part unless it is empty.</summary>
    /// <param name="id">The added token's id, or -1.</param>
    public void Add(int start, int stop, int id = -1)
    {
        if (start == stop)
        {
            return;
        }

        if (Count == _pieces.Length)
        {
            Array.Resize(ref _pieces, Count * 2);
        }

        _pieces[Count++] = new Piece(start, stop, id);
    }

    public void ExtendLast(int stop) => _pieces[Count - 1] = _pieces[Count - 1] with { Stop = stop };
}

/// <param name="Start">UTF-16 units.</param>
/// <param name="Stop">Exclusive.</param>
/// <param name="Id">The added token's id, or -1.</param>
internal readonly record struct Piece(int Start, int Stop, int Id);
