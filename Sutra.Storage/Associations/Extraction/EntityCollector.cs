using System.Globalization;
using System.Text;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Storage.Associations.Extraction;

/// <summary>
/// Takes the entities of one concept in the order they are found, folds them into terms, and keeps each once: a byte for the length, a byte
/// for the kind, and UTF-8, one after the other in a buffer. To be used again.
/// </summary>
internal sealed class EntityCollector
{
    /// <summary>Of a concept; what comes after these is not looked at.</summary>
    public const int MaxEntities = 64;

    /// <summary>Kind included: what a lexical image takes.</summary>
    public const int MaxTermBytes = TextAnalyzer.MaxTermBytes;

    // Longer things are nobody's name for anything.
    private const int MaxCharacters = 512;
    private const int FoldedBytes = MaxCharacters * 3 + 8;

    // Of a term that is too long: so much of it, and the hash of all.
    private const int KeptBytes = 104;
    private const int HashDigits = 16;

    private readonly byte[] _buffer = new byte[MaxEntities * (1 + MaxTermBytes)];
    private readonly byte[] _folded = new byte[FoldedBytes];
    private readonly int[] _starts = new int[MaxEntities];
    private int _length;

    public int Count { get; private set; }

    public bool IsFull => Count == MaxEntities;

    /// <summary>One after the other, each after a byte that says how long it is.</summary>
    public ReadOnlySpan<byte> Terms => _buffer.AsSpan(0, _length);

    public void Clear() => Count = _length = 0;

    /// <param name="text">In NFKC; case, accents and runs of spaces do not count.</param>
    public void Add(EntityKind kind, ReadOnlySpan<char> text)
    {
        if (IsFull || text.IsEmpty || text.Length > MaxCharacters)
        {
            return;
        }

        var folded = _folded.AsSpan();
        var length = Collapse(folded[..TermFold.Fold(text, folded, out _)]);
        if (length == 0)
        {
            return;
        }

        if (length > MaxTermBytes - 1)
        {
            length = Shorten(folded, length);
        }

        var term = _buffer.AsSpan(_length, length + 2);
        term[0] = (byte)(length + 1);
        term[1] = (byte)kind;
        folded[..length].CopyTo(term[2..]);
        for (var i = 0; i < Count; i++)
        {
            if (_buffer[_starts[i]] == term[0] && _buffer.AsSpan(_starts[i], term.Length).SequenceEqual(term))
            {
                return;
            }
        }

        _starts[Count++] = _length;
        _length += term.Length;
    }

    // Runs of white space are one space, none at the ends.
    private static int Collapse(Span<byte> text)
    {
        var to = 0;
        foreach (var value in text)
        {
            if (value > ' ' || (to > 0 && text[to - 1] != ' '))
            {
                text[to++] = value > ' ' ? value : (byte)' ';
            }
        }

        return to > 0 && text[to - 1] == ' ' ? to - 1 : to;
    }

    private static int Shorten(Span<byte> text, int length)
    {
        // FNV-1a: the same everywhere and for ever.
        var hash = 0xCBF29CE484222325;
        foreach (var value in text[..length])
        {
            hash = (hash ^ value) * 0x100000001B3;
        }

        var kept = KeptBytes;
        while ((text[kept] & 0xC0) == 0x80)
        {
            kept--;
        }

        text[kept] = (byte)'~';
        Span<char> digits = stackalloc char[HashDigits];
        hash.TryFormat(digits, out _, "x16", CultureInfo.InvariantCulture);
        Encoding.ASCII.GetBytes(digits, text[(kept + 1)..]);
        return kept + 1 + HashDigits;
    }
}
