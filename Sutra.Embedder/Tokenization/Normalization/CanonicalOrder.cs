using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Sutra.Embedder.Tokenization.Normalization;

/// <summary>
/// Unicode's canonical ordering for long rows of marks, in n log n. .NET does not tell combining classes, but which of two marks
/// it puts first; classes are found with that, once for each mark.
/// </summary>
internal static class CanonicalOrder
{
    // One mark of every combining class, in the order of the classes.
    private static readonly int[] Representatives =
    [
        0x334, 0x16FF0, 0x93C, 0x3099, 0x94D, 0x5B0, 0x5B1, 0x5B2, 0x5B3, 0x5B4, 0x5B5, 0x5B6, 0x5B7, 0x5B8, 0x5B9, 0x5BB, 0x5BC, 0x5BD,
        0x5BF, 0x5C1, 0x5C2, 0xFB1E, 0x64B, 0x64C, 0x64D, 0x64E, 0x64F, 0x650, 0x651, 0x652, 0x670, 0x711, 0xC55, 0xC56, 0xE38, 0xE48,
        0xEB8, 0xEC8, 0xF71, 0xF72, 0xF74, 0x321, 0x1DCE, 0x31B, 0x302A, 0x316, 0x59A, 0x302E, 0x1D16D, 0x5AE, 0x301, 0x315, 0x35C,
        0x35D, 0x345,
    ];

    private static readonly ConcurrentDictionary<int, int> Classes = new();

    /// <summary>Whether more than <paramref name="many"/> marks stand in a row.</summary>
    public static bool HasManyMarks(ReadOnlySpan<char> text, int many)
    {
        var row = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            row = IsMark(rune) ? row + 1 : 0;
            if (row > many)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The text decomposed, its marks in canonical order: normalising that is cheap, and gives what normalising the text gives.</summary>
    public static char[] Sort(ReadOnlySpan<char> text, bool compatibility)
    {
        var form = compatibility ? NormalizationForm.FormKD : NormalizationForm.FormD;
        var decomposed = new List<(Rune Rune, int Class)>();
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var part in rune.ToString().Normalize(form).EnumerateRunes())
            {
                decomposed.Add((part, ClassOf(part)));
            }
        }

        var sorted = new StringBuilder(text.Length);
        for (var i = 0; i < decomposed.Count;)
        {
            var stop = i;
            while (stop < decomposed.Count && decomposed[stop].Class > 0)
            {
                stop++;
            }

            foreach (var (rune, _) in decomposed[i..stop].OrderBy(part => part.Class))
            {
                sorted.Append(rune);
            }

            if (stop < decomposed.Count)
            {
                sorted.Append(decomposed[stop++].Rune);
            }

            i = stop;
        }

        return sorted.ToString().ToCharArray();
    }

    /// <summary>0 for what is never moved; else the place of its class among the classes, from 1 on.</summary>
    private static int ClassOf(Rune rune) => rune.Value < 0x300 || !IsMark(rune) ? 0 : Classes.GetOrAdd(rune.Value, static value =>
    {
        var mark = new Rune(value);
        // What moves neither before the highest class nor behind the lowest is not ordered at all.
        if (!Swaps(new Rune(Representatives[^1]), mark) && !Swaps(mark, new Rune(Representatives[0])))
        {
            return 0;
        }

        var (low, high) = (0, Representatives.Length - 1);
        while (low < high)
        {
            // The first representative that this mark need not be moved behind.
            var middle = (low + high) / 2;
            if (Swaps(mark, new Rune(Representatives[middle])))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low + 1;
    });

    private static bool Swaps(Rune first, Rune second)
    {
        var text = $"{first}{second}";
        return !string.Equals(text.Normalize(NormalizationForm.FormD), text, StringComparison.Ordinal);
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
