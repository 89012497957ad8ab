using System.Buffers;
using System.Globalization;
using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Normalization;

/// <summary>
/// Precompiled: SentencePiece's own normalisation. A grapheme of less than six UTF-8 bytes is looked up whole, else character by
/// character; the reference does so, and so do the models that were trained with it.
/// </summary>
internal sealed class PrecompiledNormalizer : Normalizer
{
    private const int WholeBelow = 6;

    private readonly CharacterMap _map;

    // What the characters of the first pages become, which are graphemes by themselves unless a mark follows: null if unchanged.
    private readonly string?[] _plain = new string?[0x300];

    private readonly SearchValues<char> _kept;

    public PrecompiledNormalizer(CharacterMap map)
    {
        _map = map;
        for (var i = 1; i < _plain.Length; i++)
        {
            _plain[i] = Find(((char)i).ToString());
        }

        _kept = SearchValues.Create([.. Enumerable.Range(0, _plain.Length).Select(c => (char)c).Where(c => c != '\r' && _plain[c] is null)]);
    }

    public override void Normalise(Workspace workspace)
    {
        var (source, target) = (workspace.Text, workspace.SpareText);
        var chars = source.Chars;
        var copied = 0;
        target.Clear(source.Tracks);
        for (var i = Pass(chars, 0); i < chars.Length; i = Pass(chars, i))
        {
            var length = GraphemeLength(chars, i);
            if (length == 1 && chars[i] < _plain.Length)
            {
                if (_plain[chars[i]] is { } text)
                {
                    Replace(text, i, 1);
                }
            }
            else if (length <= WholeBelow && Find(chars.Slice(i, length)) is { } whole)
            {
                Replace(whole, i, length);
            }
            else
            {
                for (int at = i, consumed; at < i + length; at += consumed)
                {
                    Rune.DecodeFromUtf16(chars[at..(i + length)], out _, out consumed);
                    if (Find(chars.Slice(at, consumed)) is { } part)
                    {
                        Replace(part, at, consumed);
                    }
                }
            }

            i += length;
        }

        if (copied > 0)
        {
            target.Append(source, copied, source.Length - copied);
            workspace.SwapText();
        }

        void Replace(string text, int at, int length)
        {
            target.Append(source, copied, at - copied);
            target.Append(text, source, at, at + length - 1);
            copied = at + length;
        }
    }

    // Over what stays: but the last before a character that may join it.
    private int Pass(ReadOnlySpan<char> text, int from)
    {
        var length = text[from..].IndexOfAnyExcept(_kept);
        return length < 0 ? text.Length : from + length - (length > 0 && text[from + length] >= _plain.Length ? 1 : 0);
    }

    // Below U+0300 nothing joins what is before it, but a line feed a carriage return.
    private int GraphemeLength(ReadOnlySpan<char> text, int at)
    {
        if (text[at] < _plain.Length && text[at] != '\r' && (at + 1 == text.Length || text[at + 1] < _plain.Length))
        {
            return 1;
        }

        return StringInfo.GetNextTextElementLength(text[at..]);
    }

    /// <summary>What a text of less than six UTF-8 bytes, or one character, becomes.</summary>
    private string? Find(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[3 * WholeBelow];
        var length = Encoding.UTF8.GetBytes(text, bytes);
        return length < WholeBelow || text.Length == 1 ? _map.Find(bytes[..length]) : null;
    }
}
