namespace Sutra.Storage.Lexical.Analysis;

/// <summary>The default word boundaries of Unicode Standard Annex #29, section 4.1, rules WB1 to WB999.</summary>
internal static class WordBreaks
{
    /// <summary>The first boundary after <paramref name="start"/>, which is one itself. Never throws; every segment has a character at least.</summary>
    /// <param name="text">UTF-16, of any content.</param>
    /// <param name="start">Below the length of the text.</param>
    public static int Next(ReadOnlySpan<char> text, int start)
    {
        var before = WordBreakProperty.Of(text, start, out var length);
        var at = start + length;
        if ((before & WordBreak.LineEnd) != 0)
        {
            // WB3, WB3a
            return before == WordBreak.CR && at < text.Length && text[at] == '\n' ? at + 1 : at;
        }

        // "previous" is the last character that WB4 does not ignore, "before" the last of all.
        var previous = before;
        var beforePrevious = WordBreak.Other;
        var indicators = before == WordBreak.RegionalIndicator ? 1 : 0;
        for (; at < text.Length; at += length)
        {
            var next = WordBreakProperty.Of(text, at, out length);
            if (next == WordBreak.Letter && previous == WordBreak.Letter)
            {
                // WB5, which is most of a text.
                beforePrevious = before = next;
                continue;
            }

            if ((next & WordBreak.LineEnd) != 0)
            {
                return at;
            }

            if ((next & WordBreak.Ignored) != 0)
            {
                // WB4
                before = next;
                continue;
            }

            var joined = (before == WordBreak.ZeroWidthJoiner && (next & WordBreak.Pictographic) != 0)
                || (before == WordBreak.Space && next == WordBreak.Space)
                || Joins(beforePrevious, previous, next, text, at + length)
                || (previous == WordBreak.RegionalIndicator && next == WordBreak.RegionalIndicator && (indicators & 1) == 1);
            if (!joined)
            {
                return at;
            }

            indicators = next == WordBreak.RegionalIndicator ? indicators + 1 : 0;
            beforePrevious = previous;
            previous = before = next;
        }

        return at;
    }

    private static bool Joins(WordBreak beforePrevious, WordBreak previous, WordBreak next, ReadOnlySpan<char> text, int after)
    {
        const WordBreak Word = WordBreak.AnyLetter | WordBreak.Numeric;
        if ((previous & Word) != 0)
        {
            // WB5, WB8, WB9, WB10, WB13a
            if ((next & (Word | WordBreak.ExtendNumLet)) != 0)
            {
                return true;
            }

            if ((previous & WordBreak.AnyLetter) != 0)
            {
                // WB6, WB7a, WB7b
                return ((next & (WordBreak.MidLetter | WordBreak.MidNumLetQuote)) != 0 && (Following(text, after) & WordBreak.AnyLetter) != 0)
                    || (previous == WordBreak.HebrewLetter && (next == WordBreak.SingleQuote || (next == WordBreak.DoubleQuote && Following(text, after) == WordBreak.HebrewLetter)));
            }

            // WB12
            return (next & (WordBreak.MidNum | WordBreak.MidNumLetQuote)) != 0 && Following(text, after) == WordBreak.Numeric;
        }

        if ((previous & WordBreak.ExtendNumLet) != 0)
        {
            // WB13a, WB13b
            return (next & (Word | WordBreak.Katakana | WordBreak.ExtendNumLet)) != 0;
        }

        if ((previous & WordBreak.Katakana) != 0)
        {
            // WB13, WB13a
            return (next & (WordBreak.Katakana | WordBreak.ExtendNumLet)) != 0;
        }

        // WB7, WB7c, WB11: the first half of each was tested when "previous" was joined.
        return ((previous & (WordBreak.MidLetter | WordBreak.MidNumLetQuote)) != 0 && (beforePrevious & WordBreak.AnyLetter) != 0 && (next & WordBreak.AnyLetter) != 0)
            || (previous == WordBreak.DoubleQuote && beforePrevious == WordBreak.HebrewLetter && next == WordBreak.HebrewLetter)
            || ((previous & (WordBreak.MidNum | WordBreak.MidNumLetQuote)) != 0 && beforePrevious == WordBreak.Numeric && next == WordBreak.Numeric);
    }

    private static WordBreak Following(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length)
        {
            var value = WordBreakProperty.Of(text, at, out var length);
            if ((value & WordBreak.Ignored) == 0)
            {
                return value;
            }

            at += length;
        }

        return WordBreak.Other;
    }
}
