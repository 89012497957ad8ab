using System.Globalization;
using System.Text;

namespace Sutra.Models.Train.Extraction;

/// <summary>Text for a line of a pairs file.</summary>
internal static class PlainText
{
    /// <summary>One line in NFC: white space and control characters become single spaces, invisible and broken characters vanish.</summary>
    public static string Clean(string text)
    {
        var builder = new StringBuilder(text.Length);
        var space = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsSurrogate(c))
            {
                if (i + 1 < text.Length && char.IsSurrogatePair(c, text[i + 1]))
                {
                    Space();
                    builder.Append(c).Append(text[++i]);
                }
            }
            else if (char.IsWhiteSpace(c) || char.IsControl(c))
            {
                space = true;
            }
            else if (c != '\uFFFD' && char.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned))
            {
                Space();
                builder.Append(c);
            }
        }

        return builder.ToString().Normalize(NormalizationForm.FormC);

        void Space()
        {
            if (space && builder.Length > 0)
            {
                builder.Append(' ');
            }

            space = false;
        }
    }

    /// <summary>At most <paramref name="maximum"/> characters: up to the last sentence that fits if that keeps half of them, else up to a word.</summary>
    public static string Cut(string text, int maximum)
    {
        if (text.Length <= maximum)
        {
            return text;
        }

        for (var end = maximum - 1; end >= maximum / 2; end--)
        {
            if (text[end] is '.' or '!' or '?' or '…' && text[end + 1] == ' ')
            {
                return text[..(end + 1)];
            }
        }

        var space = text.LastIndexOf(' ', maximum);
        var cut = space > maximum / 2 ? space : maximum;
        return text[..(char.IsHighSurrogate(text[cut - 1]) ? cut - 1 : cut)];
    }

    /// <summary>Letters among the characters that are not spaces; 0 for nothing.</summary>
    public static double LetterShare(string text)
    {
        var letters = text.Count(char.IsLetter);
        var spaces = text.AsSpan().Count(' ');
        return letters == 0 ? 0 : (double)letters / (text.Length - spaces);
    }
}
