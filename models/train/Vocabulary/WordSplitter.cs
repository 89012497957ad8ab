using System.Globalization;
using System.Text;

namespace Sutra.Models.Train.Vocabulary;

/// <summary>
/// Text to words exactly as a Hugging Face <c>BertNormalizer</c> (lower case, accents stripped, CJK apart) followed by a
/// <c>BertPreTokenizer</c> (white space, every punctuation mark alone) does it. Reusable, not thread-safe.
/// </summary>
public sealed class WordSplitter
{
    private readonly List<(int Start, int Length)> _words = [];
    private char[] _buffer = new char[1024];
    private int _length;
    private int _wordStart;

    public int Count => _words.Count;

    /// <summary>A word of the text that was split last; valid until the next <see cref="Split"/>.</summary>
    public ReadOnlySpan<char> this[int index] => _buffer.AsSpan(_words[index].Start, _words[index].Length);

    public void Split(string text)
    {
        _words.Clear();
        _length = 0;
        _wordStart = 0;
        if (Ascii.IsValid(text))
        {
            SplitAscii(text);
        }
        else
        {
            SplitUnicode(text);
        }

        EndWord();
    }

    private void SplitAscii(string text)
    {
        Reserve(text.Length);
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                _buffer[_length++] = char.ToLowerInvariant(c);
            }
            else if (c is ' ' or '\t' or '\n' or '\r')
            {
                EndWord();
            }
            else if (!char.IsControl(c))
            {
                EndWord();
                _buffer[_length++] = c;
                EndWord();
            }
        }
    }

    private void SplitUnicode(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // Lone surrogates come as U+FFFD, too.
            if (rune.Value is 0 or 0xFFFD || IsControl(rune))
            {
                continue;
            }

            // .NET refuses to normalise the non-characters at the end of a plane.
            if (rune.IsAscii || (rune.Value & 0xFFFE) == 0xFFFE)
            {
                Append(rune);
                continue;
            }

            foreach (var part in rune.ToString().Normalize(NormalizationForm.FormD).EnumerateRunes())
            {
                if (Rune.GetUnicodeCategory(part) != UnicodeCategory.NonSpacingMark)
                {
                    Append(part);
                }
            }
        }
    }

    private void Append(Rune rune)
    {
        Reserve(_length + 2);
        if (Rune.IsWhiteSpace(rune))
        {
            EndWord();
            return;
        }

        var alone = rune.IsAscii ? !char.IsAsciiLetterOrDigit((char)rune.Value) : Rune.IsPunctuation(rune) || IsIdeograph(rune.Value);
        if (alone)
        {
            EndWord();
        }

        _length += Rune.ToLowerInvariant(rune).EncodeToUtf16(_buffer.AsSpan(_length));
        if (alone)
        {
            EndWord();
        }
    }

    // Cc, Cf and Co, as Hugging Face's tokenizers have it: unassigned characters stay.
    private static bool IsControl(Rune rune) => rune.Value is not ('\t' or '\n' or '\r')
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    // The same tokenizers' ranges, their slip at 2B920 (for 2B820) included.
    private static bool IsIdeograph(int c) =>
        c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private void EndWord()
    {
        if (_length > _wordStart)
        {
            _words.Add((_wordStart, _length - _wordStart));
            _wordStart = _length;
        }
    }

    private void Reserve(int length)
    {
        if (_buffer.Length < length)
        {
            Array.Resize(ref _buffer, Math.Max(length, _buffer.Length * 2));
        }
    }
}
