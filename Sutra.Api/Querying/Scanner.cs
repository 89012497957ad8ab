using System.Globalization;

namespace Sutra.Api.Querying;

internal enum TokenKind
{
    Word,

    /// <summary>Without grouping, without zeros at the end of a fraction.</summary>
    Number,

    /// <summary>yyyy-MM-dd.</summary>
    Date,

    /// <summary>Letters and digits together, such as Q3 or A320.</summary>
    Code,
}

/// <param name="StartsSentence">Its capital letter means nothing.</param>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="End">The place after its last character; a possessive s is not part of it.</param>
internal readonly record struct Token(string Text, TokenKind Kind, bool StartsSentence, int Start, int End);

/// <summary>Cuts text into words, numbers, ISO dates and codes; everything else separates.</summary>
internal static class Scanner
{
    public static List<Token> Scan(string text)
    {
        var tokens = new List<Token>();
        var starts = true;
        for (var i = 0; i < text.Length;)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                i = Number(text, i, starts, tokens);
                starts = false;
            }
            else if (char.IsLetter(text[i]))
            {
                i = Word(text, i, starts, tokens);
                starts = false;
            }
            else
            {
                starts |= text[i] is '.' or '!' or '?' or '\n' or ':' or '"';
                i++;
            }
        }

        return tokens;
    }

    private static int Word(string text, int start, bool starts, List<Token> tokens)
    {
        var end = start;
        var isCode = false;
        while (end < text.Length)
        {
            if (char.IsLetter(text[end]) || char.GetUnicodeCategory(text[end]) == UnicodeCategory.NonSpacingMark)
            {
                end++;
            }
            else if (char.IsDigit(text[end]))
            {
                isCode = true;
                end++;
            }
            else
            {
                break;
            }
        }

        tokens.Add(new Token(text[start..end], isCode ? TokenKind.Code : TokenKind.Word, starts, start, end));

        // The s of "Brightmoor's" is no word.
        return end + 1 < text.Length && text[end] is '\'' or '’' && text[end + 1] is 's' or 'S'
            && (end + 2 == text.Length || !char.IsLetterOrDigit(text[end + 2]))
            ? end + 2
            : end;
    }

    private static int Number(string text, int start, bool starts, List<Token> tokens)
    {
        if (TryIsoDate(text, start, out var date))
        {
            tokens.Add(new Token(date, TokenKind.Date, starts, start, start + 10));
            return start + 10;
        }

        var end = start;
        var digits = new System.Text.StringBuilder();
        var hasFraction = false;
        while (end < text.Length)
        {
            if (char.IsAsciiDigit(text[end]))
            {
                digits.Append(text[end++]);
            }
            else if (text[end] == ',' && !hasFraction && IsGroup(text, end + 1))
            {
                end++;
            }
            else if (text[end] == '.' && !hasFraction && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1]))
            {
                hasFraction = true;
                digits.Append(text[end++]);
            }
            else
            {
                break;
            }
        }

        var number = digits.ToString();
        if (hasFraction)
        {
            number = number.TrimEnd('0').TrimEnd('.');
        }

        var suffix = end;
        while (suffix < text.Length && char.IsLetter(text[suffix]))
        {
            suffix++;
        }

        var letters = text.AsSpan(end, suffix - end);
        var isOrdinal = letters.Length == 2
            && (letters.Equals("st", StringComparison.OrdinalIgnoreCase) || letters.Equals("nd", StringComparison.OrdinalIgnoreCase)
                || letters.Equals("rd", StringComparison.OrdinalIgnoreCase) || letters.Equals("th", StringComparison.OrdinalIgnoreCase));
        tokens.Add(letters.IsEmpty || isOrdinal
            ? new Token(number, TokenKind.Number, starts, start, suffix)
            : new Token($"{number}{letters}", TokenKind.Code, starts, start, suffix));
        return suffix;
    }

    private static bool IsGroup(string text, int at) =>
        at + 3 <= text.Length
        && char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at + 1]) && char.IsAsciiDigit(text[at + 2])
        && (at + 3 == text.Length || !char.IsAsciiDigit(text[at + 3]));

    private static bool TryIsoDate(string text, int at, out string date)
    {
        date = "";
        if (at + 10 > text.Length || (at + 10 < text.Length && char.IsAsciiDigit(text[at + 10])))
        {
            return false;
        }

        var span = text.AsSpan(at, 10);
        if (span[4] is not ('-' or '/' or '.') || span[7] != span[4]
            || !int.TryParse(span[..4], NumberStyles.None, CultureInfo.InvariantCulture, out var year)
            || !int.TryParse(span[5..7], NumberStyles.None, CultureInfo.InvariantCulture, out var month)
            || !int.TryParse(span[8..], NumberStyles.None, CultureInfo.InvariantCulture, out var day)
            || CalendarDates.Day(year, month, day) is not { } found)
        {
            return false;
        }

        date = found;
        return true;
    }
}
