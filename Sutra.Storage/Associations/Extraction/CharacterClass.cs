using System.Globalization;

namespace Sutra.Storage.Associations.Extraction;

/// <summary>What a character can be part of. A table of a byte a character of UTF-16.</summary>
[Flags]
internal enum CharacterClass : byte
{
    None = 0,
    Space = 1,
    Upper = 2,

    /// <summary>Any other letter, and what hangs on letters.</summary>
    Letter = 4,
    Digit = 8,

    /// <summary>Ends a line.</summary>
    Line = 16,

    /// <summary>What makes a chunk worth a second look: @ # : /.</summary>
    Sign = 32,

    /// <summary>Ends a sentence.</summary>
    Stop = 64,

    /// <summary>All other punctuation and symbols.</summary>
    Other = 128,
}

internal static class CharacterClasses
{
    private static readonly CharacterClass[] Table = Build();

    public static CharacterClass Of(char c) => Table[c];

    public static bool IsUpper(char c) => Table[c] == CharacterClass.Upper;

    public static bool IsDigit(char c) => Table[c] == CharacterClass.Digit;

    public static bool IsAlphanumeric(char c) => (Table[c] & (CharacterClass.Upper | CharacterClass.Letter | CharacterClass.Digit)) != 0;

    private static CharacterClass[] Build()
    {
        var table = new CharacterClass[char.MaxValue + 1];
        for (var c = 0; c <= char.MaxValue; c++)
        {
            table[c] = ClassOf((char)c);
        }

        return table;
    }

    private static CharacterClass ClassOf(char c)
    {
        switch (c)
        {
            case '\n' or '\r' or '\v' or '\f' or '\u0085' or '\u2028' or '\u2029': return CharacterClass.Line;
            case '@' or '#' or ':' or '/': return CharacterClass.Sign;
            case '.' or '!' or '?' or '\u3002' or '\u061F' or '\u06D4' or '\u0964' or '\u037E': return CharacterClass.Stop;
        }

        if (char.IsWhiteSpace(c))
        {
            return CharacterClass.Space;
        }

        return CharUnicodeInfo.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Upper,
            UnicodeCategory.LowercaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.Surrogate
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber => c < 0x80 ? CharacterClass.Digit : CharacterClass.Letter,
            _ => CharacterClass.Other,
        };
    }
}
