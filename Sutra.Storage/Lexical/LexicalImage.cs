using Sutra.Storage.Vectors;

namespace Sutra.Storage.Lexical;

/// <summary>
/// An index served from memory that somebody else owns, such as a mapped file. Opening it reads 128 bytes. Whatever the bytes are, reading
/// stays inside them: each length is checked where it is used.
/// </summary>
internal sealed unsafe class LexicalImage : LexicalPart, IDisposable
{
    private readonly FlatRows _lengths;
    private readonly byte* _postings;
    private readonly long _postingsLength;
    private readonly byte* _dictionary;
    private readonly long _dictionaryLength;
    private readonly TermBlock* _index;
    private readonly int _blocks;

    private LexicalImage(byte* image, LexicalImageHeader header, LexicalImageFooter footer)
    {
        Rows = (int)header.Rows;
        Documents = (int)footer.Documents;
        TotalLength = (long)footer.TotalLength;
        TermCount = (int)footer.Terms;
        PostingCount = (long)footer.Postings;
        _lengths = new FlatRows(image + LexicalImageFormat.Alignment, 1);
        Lengths = _lengths.View;
        _postings = image + LexicalImageFormat.Alignment + LexicalImageFormat.Padded(Rows);
        _postingsLength = (long)footer.PostingsLength;
        _dictionary = _postings + LexicalImageFormat.Padded(_postingsLength);
        _dictionaryLength = (long)footer.DictionaryLength;
        _index = (TermBlock*)(_dictionary + LexicalImageFormat.Padded(_dictionaryLength));
        _blocks = BlocksOf(footer.Terms);
    }

    /// <summary>Different terms.</summary>
    public int TermCount { get; }

    /// <summary>Pairs of term and row.</summary>
    public long PostingCount { get; }

    /// <summary>Opens what <see cref="LexicalImageWriter"/> wrote.</summary>
    /// <param name="image">At a multiple of 64 bytes. Must stay until this is disposed; whoever maps it has checked its checksum.</param>
    /// <param name="length">Bytes of it, exactly.</param>
    /// <exception cref="InvalidDataException">It is no such image, of another version, or not whole.</exception>
    public static LexicalImage Open(byte* image, long length)
    {
        const int Size = LexicalImageFormat.Alignment;
        if (length < 2 * Size)
        {
            throw new InvalidDataException("The image of the lexical index is cut off.");
        }

        var header = *(LexicalImageHeader*)image;
        if (header.Magic != LexicalImageFormat.HeaderMagic)
        {
            throw new InvalidDataException("Not the image of a lexical index.");
        }

        if (header.Version != LexicalImageFormat.CurrentVersion)
        {
            throw new InvalidDataException($"The image of the lexical index has version {header.Version}; this program reads version {LexicalImageFormat.CurrentVersion}.");
        }

        var footer = *(LexicalImageFooter*)(image + length - Size);
        if (footer.Magic != LexicalImageFormat.FooterMagic || (length & (Size - 1)) != 0 || header.Rows > int.MaxValue
            || footer.Terms > int.MaxValue || footer.Documents > header.Rows || footer.TotalLength > long.MaxValue
            || footer.PostingsLength > (ulong)length || footer.DictionaryLength > (ulong)length
            || length != 2 * Size + LexicalImageFormat.Padded(header.Rows) + LexicalImageFormat.Padded((long)footer.PostingsLength)
                + LexicalImageFormat.Padded((long)footer.DictionaryLength) + LexicalImageFormat.Padded(BlocksOf(footer.Terms) * (long)sizeof(TermBlock)))
        {
            throw new InvalidDataException("The image of the lexical index is cut off or damaged.");
        }

        return new LexicalImage(image, header, footer);
    }

    /// <summary>Frees what this holds itself. No search may be running.</summary>
    public void Dispose() => _lengths.Dispose();

    internal override bool TryFind(ReadOnlySpan<byte> term, out TermPostings postings)
    {
        // The last block whose first term is not above.
        var (low, high) = (0, _blocks);
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) / 2);
            var entries = new NumberReader(_dictionary + EntriesAt(middle), _dictionaryLength - EntriesAt(middle));
            if (entries.ReadBytes(entries.ReadByte()).SequenceCompareTo(term) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        postings = default;
        if (low == 0)
        {
            return false;
        }

        var reader = new TermReader(this, low - 1, stackalloc byte[2 * byte.MaxValue]);
        while (reader.TryRead())
        {
            var order = reader.Term.SequenceCompareTo(term);
            if (order >= 0)
            {
                postings = order == 0 ? reader.Postings : default;
                return order == 0;
            }
        }

        return false;
    }

    internal override TermEnumerator Terms() => new Enumerator(this);

    private static int BlocksOf(uint terms) => (int)((terms + (ulong)LexicalImageFormat.TermsPerBlock - 1) / LexicalImageFormat.TermsPerBlock);

    private long EntriesAt(int block)
    {
        var at = _index[block].Entries;
        return at <= (ulong)_dictionaryLength ? (long)at : throw PostingCodec.Damaged();
    }

    /// <summary>Reads the entries of one block.</summary>
    private ref struct TermReader
    {
        private readonly LexicalImage _image;
        private readonly Span<byte> _term;
        private NumberReader _entries;
        private ulong _at;
        private int _length;
        private int _left;
        private bool _first;

        public TermReader(LexicalImage image, int block, Span<byte> term)
        {
            _image = image;
            _term = term;
            var entries = image.EntriesAt(block);
            _entries = new NumberReader(image._dictionary + entries, image._dictionaryLength - entries);
            _at = image._index[block].Postings;
            _left = Math.Min(LexicalImageFormat.TermsPerBlock, image.TermCount - block * LexicalImageFormat.TermsPerBlock);
            _first = true;
        }

        public TermPostings Postings { get; private set; }

        public readonly ReadOnlySpan<byte> Term => _term[.._length];

        public bool TryRead()
        {
            if (_left-- == 0)
            {
                return false;
            }

            var shared = _first ? 0 : _entries.ReadByte();
            var rest = _entries.ReadBytes(_entries.ReadByte());
            _first = false;
            if (shared > _length || shared + rest.Length > byte.MaxValue)
            {
                throw PostingCodec.Damaged();
            }

            rest.CopyTo(_term[shared..]);
            _length = shared + rest.Length;
            var (frequency, size) = (_entries.Read(), _entries.Read());
            if (frequency == 0 || frequency > (ulong)_image.Rows || _at > (ulong)_image._postingsLength || size > (ulong)_image._postingsLength - _at)
            {
                throw PostingCodec.Damaged();
            }

            Postings = new TermPostings { Frequency = (int)frequency, Data = _image._postings + _at, Length = (long)size };
            _at += size;
            return true;
        }
    }

    private sealed class Enumerator(LexicalImage image) : TermEnumerator
    {
        private readonly byte[] _bytes = new byte[LexicalImageFormat.TermsPerBlock * byte.MaxValue];
        private readonly int[] _ends = new int[LexicalImageFormat.TermsPerBlock];
        private readonly TermPostings[] _postings = new TermPostings[LexicalImageFormat.TermsPerBlock];
        private int _block;
        private int _at = -1;
        private int _count;

        public override ReadOnlySpan<byte> Term => _bytes.AsSpan((_at * byte.MaxValue).._ends[_at]);

        public override TermPostings Postings => _postings[_at];

        public override bool MoveNext()
        {
            if (++_at < _count)
            {
                return true;
            }

            if (_block == image._blocks)
            {
                return false;
            }

            var reader = new TermReader(image, _block++, stackalloc byte[2 * byte.MaxValue]);
            for (_count = 0; reader.TryRead(); _count++)
            {
                reader.Term.CopyTo(_bytes.AsSpan(_count * byte.MaxValue));
                _ends[_count] = _count * byte.MaxValue + reader.Term.Length;
                _postings[_count] = reader.Postings;
            }

            _at = 0;
            return _count > 0;
        }
    }
}
