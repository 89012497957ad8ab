using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization;

/// <summary>What becomes of a character: the BertNormalizer and the BertPreTokenizer of Hugging Face's tokenizers in one look-up.</summary>
internal enum CharacterKind : byte
{
    /// <summary>Part of a word.</summary>
    Letter,

    /// <summary>Ends a word; not kept.</summary>
    Space,

    /// <summary>A word by itself: punctuation, or an ideograph where those are set apart.</summary>
    Isolated,

    /// <summary>Not kept, and does not end a word: control characters, accents.</summary>
    Dropped,

    /// <summary>Becomes several characters (Hangul syllables, for one), or is not in the basic plane.</summary>
    Complex,
}

/// <summary>Settings of a BertNormalizer, as in tokenizer.json.</summary>
internal sealed record BertNormalizerSettings(bool CleanText, bool HandleChineseChars, bool StripAccents, bool Lowercase)
{
    /// <summary>No normalizer: text is taken as it is.</summary>
    public static BertNormalizerSettings None { get; } = new(false, false, false, false);
}

/// <summary>
/// Tables, made page by page when first used, that take a UTF-16 unit to its normalised form and kind. One thread more that
/// makes the same page makes the same page, so no lock is needed.
/// </summary>
internal sealed class BertCharacters(BertNormalizerSettings settings)
{
    private const int PageSize = 256;

    private readonly Page?[] _pages = new Page?[65536 / PageSize];

    /// <param name="character">A UTF-16 unit; surrogates are <see cref="CharacterKind.Complex"/>.</param>
    /// <param name="normalised">Its normalised form, for letters and isolated characters.</param>
    public CharacterKind Look(char character, out char normalised)
    {
        var page = _pages[character >> 8] ?? MakePage(character >> 8);
        var index = character & (PageSize - 1);
        normalised = page.Normalised[index];
        return page.Kinds[index];
    }

    /// <summary>The long way, for characters of kind <see cref="CharacterKind.Complex"/>: returns how much was written.</summary>
    public int Normalise(Rune rune, Span<char> target, out bool isolated)
    {
        isolated = false;
        if (settings.CleanText)
        {
            if (rune.Value is 0 or 0xFFFD || RustUnicode.IsControl(rune))
            {
                return 0;
            }

            if (Rune.IsWhiteSpace(rune))
            {
                target[0] = ' ';
                return 1;
            }
        }

        isolated = settings.HandleChineseChars && IsIdeograph(rune.Value);
        Span<char> text = stackalloc char[32];
        var length = rune.EncodeToUtf16(text);
        if (settings.StripAccents && !IsInert(rune))
        {
            Span<char> decomposed = stackalloc char[32];
            if (!((ReadOnlySpan<char>)text[..length]).TryNormalize(decomposed, out var written, NormalizationForm.FormD))
            {
                throw new InvalidOperationException("A character decomposes into more than 32.");
            }

            length = 0;
            foreach (var part in decomposed[..written].EnumerateRunes())
            {
                if (!RustUnicode.IsNonSpacingMark(part))
                {
                    length += part.EncodeToUtf16(text[length..]);
                }
            }
        }

        if (!settings.Lowercase)
        {
            text[..length].CopyTo(target);
            return length;
        }

        var lowered = 0;
        foreach (var part in text[..length].EnumerateRunes())
        {
            lowered += RustUnicode.ToLower(part, target[lowered..]);
        }

        return lowered;
    }

    /// <summary>Unicode's White_Space.</summary>
    public static bool IsSpace(Rune rune) => Rune.IsWhiteSpace(rune);

    /// <summary>ASCII punctuation and symbols, or any Unicode punctuation.</summary>
    public static bool IsPunctuation(Rune rune) => RustUnicode.IsPunctuation(rune);

    // .NET refuses to normalise the non-characters at the end of a plane; the reference knows no decomposition of some.
    private static bool IsInert(Rune rune) =>
        (rune.Value & 0xFFFE) == 0xFFFE || UnicodeDifferences.NoCanonicalDecomposition.Contains(rune.Value);

    // The ranges of the original BERT code, its slip at 2B920 (for 2B820) included: vocabularies were made with it.
    public static bool IsIdeograph(int value) => value
        is (>= 0x4E00 and <= 0x9FFF)
        or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B920 and <= 0x2CEAF)
        or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x2F800 and <= 0x2FA1F);

    private Page MakePage(int number)
    {
        var page = new Page(new char[PageSize], new CharacterKind[PageSize]);
        Span<char> normalised = stackalloc char[32];
        for (var i = 0; i < PageSize; i++)
        {
            var character = (char)((number * PageSize) + i);
            if (!Rune.TryCreate(character, out var rune))
            {
                page.Kinds[i] = CharacterKind.Complex;
                continue;
            }

            var length = Normalise(rune, normalised, out var isolated);
            if (length > 1 || (length == 1 && char.IsSurrogate(normalised[0])))
            {
                page.Kinds[i] = CharacterKind.Complex;
                continue;
            }

            page.Normalised[i] = normalised[0];
            page.Kinds[i] = length == 0 ? CharacterKind.Dropped
                : IsSpace(new Rune(normalised[0])) ? CharacterKind.Space
                : isolated || IsPunctuation(new Rune(normalised[0])) ? CharacterKind.Isolated
                : CharacterKind.Letter;
        }

        _pages[number] = page;
        return page;
    }

    private sealed record Page(char[] Normalised, CharacterKind[] Kinds);
}
