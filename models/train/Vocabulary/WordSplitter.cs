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
        // Runes replace lone surrogates, on which Normalize would throw, by U+FFFD, which the loop below drops.
        var valid = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            valid.Append(rune);
        }

        var decomposed = valid.ToString().Normalize(NormalizationForm.FormD);
        Reserve(decomposed.Length * 2);
        foreach (var rune in decomposed.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (rune.Value == 0xFFFD || category == UnicodeCategory.NonSpacingMark || IsDropped(rune, category))
            {
                continue;
            }

            if (Rune.IsWhiteSpace(rune))
            {
                EndWord();
            }
            else if (IsAlone(rune, category))
            {
                EndWord();
                _length += rune.EncodeToUtf16(_buffer.AsSpan(_length));
                EndWord();
            }
            else
            {
                _length += Rune.ToLowerInvariant(rune).EncodeToUtf16(_buffer.AsSpan(_length));
            }
        }
    }

    private static bool IsDropped(Rune rune, UnicodeCategory category) =>
        rune.Value is not ('\t' or '\n' or '\r') && category is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    private static bool IsAlone(Rune rune, UnicodeCategory category) =>
        rune.IsAscii
            ? !char.IsAsciiLetterOrDigit((char)rune.Value)
            : category is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
                  or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
                  or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation
              || IsCjk(rune.Value);

    private static bool IsCjk(int c) =>
        c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

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
            _buffer = new char[length];
        }
    }
}
