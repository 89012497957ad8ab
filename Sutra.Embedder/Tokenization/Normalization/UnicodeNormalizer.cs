using System.Buffers;
using System.Globalization;
using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Normalization;

/// <summary>NFC, NFD, NFKC, NFKD: only what lies beyond the plain characters is given to ICU, run by run.</summary>
internal sealed class UnicodeNormalizer : Normalizer
{
    // Of so many marks in a row the order is settled here: ICU inserts them one by one, which grows with the square.
    private const int ManyMarks = 64;

    private readonly NormalizationForm _form;
    private readonly char _plain;
    private readonly bool _decomposes;
    private readonly CodePointSet? _untouched;

    // By page of the basic plane, made when first used; one thread more that makes a page makes the same.
    private readonly bool[]?[] _inert = new bool[256][];

    public UnicodeNormalizer(NormalizationForm form)
    {
        _form = form;
        _decomposes = form is NormalizationForm.FormD or NormalizationForm.FormKD;
        // Below these no character changes, nor joins what is before it.
        _plain = form switch { NormalizationForm.FormC => '\u0300', NormalizationForm.FormD => '\u00C0', _ => '\u00A0' };
        _untouched = form switch
        {
            NormalizationForm.FormC => null,
            NormalizationForm.FormD => UnicodeDifferences.NoCanonicalDecomposition,
            _ => UnicodeDifferences.NoCompatibilityDecomposition,
        };
    }

    /// <summary>Without ICU .NET leaves most text where it is and says nothing.</summary>
    public static bool IsAvailable { get; } = "\u00E9".Normalize(NormalizationForm.FormD).Length == 2;

    public override void Normalise(Workspace workspace)
    {
        var (source, target) = (workspace.Text, workspace.SpareText);
        var chars = source.Chars;
        var special = Pass(chars, 0);
        if (special == chars.Length)
        {
            return;
        }

        target.Clear(source.Tracks);
        for (var i = 0; i < chars.Length;)
        {
            if (special == chars.Length)
            {
                target.Append(source, i, chars.Length - i);
                break;
            }

            // The character before, which stays as it is, may take up a mark.
            var start = special > i ? special - 1 : special;
            target.Append(source, i, start - i);
            var length = chars[special..].IndexOfAnyInRange('\0', (char)(_plain - 1));
            i = length < 0 ? chars.Length : special + length;
            NormaliseRun(source, start, i, target);
            special = Pass(chars, i);
        }

        workspace.SwapText();
    }

    /// <returns>Where the first character from <paramref name="from"/> on is that changes, or may change with one before it.</returns>
    private int Pass(ReadOnlySpan<char> text, int from)
    {
        for (var at = from; ; at++)
        {
            var length = text[at..].IndexOfAnyExceptInRange('\0', (char)(_plain - 1));
            if (length < 0)
            {
                return text.Length;
            }

            at += length;
            if (!(_inert[text[at] >> 8] ?? MakePage(text[at] >> 8))[text[at] & 0xFF])
            {
                return at;
            }
        }
    }

    private bool[] MakePage(int number)
    {
        var page = new bool[256];
        for (var i = 0; i < page.Length; i++)
        {
            page[i] = Rune.TryCreate((char)((number << 8) + i), out var rune) && IsInert(rune);
        }

        return _inert[number] = page;
    }

    // Neither changes nor takes part in a change of what is before it.
    private bool IsInert(Rune rune)
    {
        Span<char> form = stackalloc char[32];
        ReadOnlySpan<char> text = [(char)rune.Value];
        return !IsLeftAlone(rune) && !MayJoin(rune) && text.TryNormalize(form, out var length, _form) && text.SequenceEqual(form[..length]);
    }

    /// <summary>A run without the characters that .NET would refuse or decompose against the reference.</summary>
    private void NormaliseRun(TextBuffer source, int start, int stop, TextBuffer target)
    {
        var chars = source.Chars;
        var from = start;
        for (var i = start; i < stop;)
        {
            Rune.DecodeFromUtf16(chars[i..stop], out var rune, out var consumed);
            if (IsLeftAlone(rune))
            {
                NormalisePart(source, from, i, target);
                target.Append(source, i, consumed);
                from = i + consumed;
            }

            i += consumed;
        }

        NormalisePart(source, from, stop, target);
    }

    private bool IsLeftAlone(Rune rune) => (rune.Value & 0xFFFE) == 0xFFFE || _untouched?.Contains(rune.Value) == true;

    private void NormalisePart(TextBuffer source, int start, int stop, TextBuffer target)
    {
        if (start == stop)
        {
            return;
        }

        var text = source.Chars[start..stop];
        char[]? sorted = null;
        if (text.Length > ManyMarks && CanonicalOrder.HasManyMarks(text, ManyMarks))
        {
            sorted = CanonicalOrder.Sort(text, _form is NormalizationForm.FormKC or NormalizationForm.FormKD);
            text = sorted;
        }

        var buffer = ArrayPool<char>.Shared.Rent((text.Length * 3) + 32);
        int written;
        while (!text.TryNormalize(buffer, out written, _form))
        {
            var larger = ArrayPool<char>.Shared.Rent(buffer.Length * 2);
            ArrayPool<char>.Shared.Return(buffer);
            buffer = larger;
        }

        if (!source.Tracks || sorted is not null)
        {
            target.Append(buffer.AsSpan(0, written), source, start, stop - 1);
        }
        else
        {
            AppendByCluster(source, start, stop, buffer.AsSpan(0, written), target);
        }

        ArrayPool<char>.Shared.Return(buffer);
    }

    // ICU does not say what became of which character: clusters do, as long as together they give what the whole gave.
    private void AppendByCluster(TextBuffer source, int start, int stop, ReadOnlySpan<char> whole, TextBuffer target)
    {
        var chars = source.Chars;
        Span<char> part = stackalloc char[256];
        var done = 0;
        for (var from = start; from < stop;)
        {
            var to = NextCluster(chars[..stop], from);
            if (to - from > 12 || !chars[from..to].TryNormalize(part, out var length, _form)
                || !whole[done..].StartsWith(part[..length]))
            {
                break;
            }

            target.Append(part[..length], source, from, to - 1);
            done += length;
            from = to;
            start = to;
        }

        if (done < whole.Length)
        {
            target.Append(whole[done..], source, Math.Min(start, stop - 1), stop - 1);
        }
    }

    private int NextCluster(ReadOnlySpan<char> text, int from)
    {
        for (var i = from; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text[i..], out var rune, out var consumed);
            if (i > from && (_decomposes || !MayJoin(rune)))
            {
                return i;
            }

            i += consumed;
        }

        return text.Length;
    }

    // Marks, vowels and finals of Hangul, and the compatibility forms of both.
    private static bool MayJoin(Rune rune) => rune.Value
        is (>= 0x1160 and <= 0x11FF) or (>= 0x3131 and <= 0x318E) or (>= 0xFF9E and <= 0xFFDC)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
