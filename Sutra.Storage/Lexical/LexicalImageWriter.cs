using System.Buffers;
using System.Runtime.InteropServices;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Lexical;

/// <summary>A part that goes into an image.</summary>
/// <param name="Part">The part.</param>
/// <param name="RowMap">For each of its rows the row in the image, or -1 if it is gone. Null: the same.</param>
internal readonly record struct LexicalSource(LexicalPart Part, int[]? RowMap);

/// <summary>
/// Writes an image of one part or merges several, in whatever order their rows end up. No text is analysed again. Holds in memory: a byte
/// a row, the dictionary (about ten bytes a term), and the postings of one term.
/// </summary>
internal sealed class LexicalImageWriter
{
    private readonly ImageBytes _output;
    private readonly byte[] _lengths;
    private readonly double _averageLength;
    private readonly ArrayBufferWriter<byte> _dictionary = new(1 << 16);
    private readonly List<TermBlock> _index = [];
    private readonly byte[] _term = new byte[Analysis.TextAnalyzer.MaxTermBytes];
    private byte[] _list = new byte[1 << 16];
    private PostingBlock[] _blocks = new PostingBlock[64];
    private ImpactSet _impacts = new();
    private ImpactSet _allImpacts = new();
    private int _termLength;
    private long _terms;
    private long _postings;
    private long _postingsStart;

    private LexicalImageWriter(Stream output, byte[] lengths, double averageLength)
    {
        _output = new ImageBytes(output);
        _lengths = lengths;
        _averageLength = averageLength;
    }

    /// <summary>Writes the image.</summary>
    /// <param name="output">Where to; written once from front to end, neither read nor sought.</param>
    /// <param name="rows">Rows of the image, whether they have text or not.</param>
    /// <param name="sources">What goes in. No two rows may become the same.</param>
    /// <exception cref="ArgumentException">A map is too short, names a row that is not, or one twice.</exception>
    /// <exception cref="InvalidDataException">A source is a damaged image.</exception>
    public static void Write(Stream output, int rows, params ReadOnlySpan<LexicalSource> sources)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        var lengths = MapLengths(rows, sources);
        long total = 0, documents = 0;
        foreach (var code in lengths)
        {
            total += LengthCode.Decode(code);
            documents += code > 0 ? 1 : 0;
        }

        var writer = new LexicalImageWriter(output, lengths, documents == 0 ? 1 : total / (double)documents);
        writer.Begin();
        new TermMerge(sources).Run(writer.Add);
        writer.End((uint)documents, (ulong)total);
    }

    private static unsafe byte[] MapLengths(int rows, ReadOnlySpan<LexicalSource> sources)
    {
        var lengths = new byte[rows];
        var targets = new RowTargets(rows);
        foreach (var (part, map) in sources)
        {
            targets.Begin(map, part.Rows);
            var from = part.Lengths;
            for (var row = 0; row < part.Rows; row++)
            {
                if (targets.Take(map, row) is >= 0 and var to)
                {
                    lengths[to] = *from[(uint)row];
                }
            }
        }

        return lengths;
    }

    private void Begin()
    {
        _output.Write(new LexicalImageHeader { Magic = LexicalImageFormat.HeaderMagic, Version = LexicalImageFormat.CurrentVersion, Rows = (uint)_lengths.Length });
        _output.Write(_lengths);
        _output.Pad();
        _postingsStart = _output.Written;
    }

    private void Add(ReadOnlySpan<byte> term, ReadOnlySpan<ulong> postings)
    {
        if (term.Length > _term.Length)
        {
            throw PostingCodec.Damaged();
        }

        var at = _output.Written - _postingsStart;
        var size = EncodeList(postings);
        _output.Write(_list.AsSpan(0, size));
        _postings += postings.Length;
        Span<byte> entry = stackalloc byte[2 + Analysis.TextAnalyzer.MaxTermBytes + 20];
        var length = 0;
        var shared = 0;
        if (_terms % LexicalImageFormat.TermsPerBlock == 0)
        {
            _index.Add(new TermBlock { Entries = (ulong)_dictionary.WrittenCount, Postings = (ulong)at });
        }
        else
        {
            shared = term.CommonPrefixLength(_term.AsSpan(0, _termLength));
            entry[length++] = (byte)shared;
        }

        entry[length++] = (byte)(term.Length - shared);
        term[shared..].CopyTo(entry[length..]);
        length += term.Length - shared;
        length += PostingCodec.WriteNumber((ulong)postings.Length, entry[length..]);
        length += PostingCodec.WriteNumber((ulong)size, entry[length..]);
        _dictionary.Write(entry[..length]);
        term.CopyTo(_term);
        _termLength = term.Length;
        _terms++;
    }

    private int EncodeList(ReadOnlySpan<ulong> postings)
    {
        const int Block = LexicalImageFormat.BlockSize;
        var blocks = (postings.Length + Block - 1) / Block;
        var head = blocks > 1 ? LexicalImageFormat.ListHead + blocks * 16 : 0;
        if (_list.LongLength < head + (long)blocks * PostingCodec.MaxBlockBytes)
        {
            _list = new byte[checked((int)((head + (long)blocks * PostingCodec.MaxBlockBytes) * 5 / 4))];
        }

        if (_blocks.Length < blocks)
        {
            _blocks = new PostingBlock[blocks * 2];
        }

        var (at, next) = (head, 0u);
        for (var i = 0; i < blocks; i++)
        {
            var block = postings[(i * Block)..Math.Min((i + 1) * Block, postings.Length)];
            _blocks[i].Offset = (uint)(at - head);
            at += PostingCodec.Encode(block, next, _list.AsSpan(at));
            next = (uint)(block[^1] >> 32) + 1;
            if (blocks > 1)
            {
                foreach (var posting in block)
                {
                    _impacts.Add((uint)posting, _lengths[posting >> 32]);
                }

                _blocks[i].LastRow = next - 1;
                _blocks[i].Impacts = _impacts.Take(_averageLength);
                _allImpacts.Add(_blocks[i].Impacts);
            }
        }

        if (blocks > 1)
        {
            MemoryMarshal.Write(_list, _allImpacts.Take(_averageLength));
            MemoryMarshal.AsBytes(_blocks.AsSpan(0, blocks)).CopyTo(_list.AsSpan(LexicalImageFormat.ListHead));
        }

        return at;
    }

    private void End(uint documents, ulong totalLength)
    {
        var footer = new LexicalImageFooter
        {
            PostingsLength = (ulong)(_output.Written - _postingsStart),
            DictionaryLength = (ulong)_dictionary.WrittenCount,
            Terms = checked((uint)_terms),
            Documents = documents,
            TotalLength = totalLength,
            Postings = (ulong)_postings,
            Magic = LexicalImageFormat.FooterMagic,
        };
        _output.Pad();
        _output.Write(_dictionary.WrittenSpan);
        _output.Pad();
        _output.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_index)));
        _output.Pad();
        _output.Write(footer);
        _output.Flush();
    }
}
