using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sutra.Api.Querying;

namespace Sutra.Api.Generation;

/// <param name="Text">Without its marks.</param>
/// <param name="Cited">Numbers of evidence in square brackets, as they were written.</param>
internal sealed record GeneratedSentence(string Text, IReadOnlyList<int> Cited);

/// <summary>Cuts what a language model writes, as it comes, into sentences with the marks that follow them or stand in them. Not thread-safe.</summary>
internal sealed partial class GeneratedSentences
{
    private const string Thinking = "<think>";
    private const string EndOfThinking = "</think>";

    private string _rest = "";

    /// <summary>Characters of all that came.</summary>
    public int Length { get; private set; }

    /// <returns>The sentences that are whole now.</returns>
    public IEnumerable<GeneratedSentence> Add(string text)
    {
        Length += text.Length;
        _rest += Clean(text);
        return Cut(isAll: false);
    }

    /// <returns>What is left.</returns>
    public IEnumerable<GeneratedSentence> End() => Cut(isAll: true);

    private IEnumerable<GeneratedSentence> Cut(bool isAll)
    {
        while (true)
        {
            _rest = _rest.TrimStart();
            if (_rest.Length == 0 || IsThinking(isAll) || EndOf(_rest, isAll) is not { } end)
            {
                yield break;
            }

            var piece = _rest[..end];
            _rest = _rest[end..];
            var text = Spaces().Replace(ListMark().Replace(Mark().Replace(piece, ""), ""), " ").Replace("**", "", StringComparison.Ordinal).Trim();
            if (text.Any(char.IsLetterOrDigit))
            {
                yield return new GeneratedSentence(text, [.. Numbers(piece).Distinct()]);
            }
        }
    }

    /// <summary>Some models write what they think before they answer; nobody asked for it.</summary>
    private bool IsThinking(bool isAll)
    {
        if (!_rest.StartsWith(Thinking, StringComparison.OrdinalIgnoreCase))
        {
            return !isAll && Thinking.StartsWith(_rest, StringComparison.OrdinalIgnoreCase);
        }

        var end = _rest.IndexOf(EndOfThinking, StringComparison.OrdinalIgnoreCase);
        _rest = end >= 0 ? _rest[(end + EndOfThinking.Length)..].TrimStart() : _rest;
        return end < 0 || _rest.Length == 0;
    }

    /// <returns>The place behind the first sentence and its marks; null when what is to come may still be a part of it.</returns>
    private static int? EndOf(string text, bool isAll)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                return i + 1;
            }

            if (text[i] is not ('.' or '!' or '?' or '。' or '！' or '？'))
            {
                continue;
            }

            // "1." begins a list, and ends nothing.
            if (text[i] == '.' && i is > 0 and <= 2 && text.AsSpan(0, i).ContainsAnyExceptInRange('0', '9') == false)
            {
                continue;
            }

            var next = i + 1;
            while (next < text.Length && text[next] is '"' or '\'' or ')' or '”' or '’' or '*')
            {
                next++;
            }

            if (AfterMarks(text, next) is not { } after)
            {
                return isAll ? text.Length : null;
            }

            if (text[i] is '。' or '！' or '？' || after > next)
            {
                return after;
            }

            if (!char.IsWhiteSpace(text[after]))
            {
                continue;
            }

            var follows = text.AsSpan(after).TrimStart();
            if (follows.IsEmpty)
            {
                return isAll ? text.Length : null;
            }

            if (!char.IsLower(follows[0]) && (text[i] != '.' || !Sentences.IsAbbreviation(text, 0, i)))
            {
                return after;
            }
        }

        return isAll ? text.Length : null;
    }

    /// <returns>The place behind marks that follow; null when the text ends before that can be known.</returns>
    private static int? AfterMarks(string text, int at)
    {
        while (true)
        {
            var next = at;
            while (next < text.Length && text[next] == ' ')
            {
                next++;
            }

            if (next == text.Length)
            {
                return null;
            }

            if (text[next] != '[')
            {
                return at;
            }

            if (text.IndexOf(']', next) is var end && end < 0)
            {
                // Half of a mark, or a bracket of another kind.
                return text.AsSpan(next + 1).ContainsAnyExcept(" 0123456789,") ? at : null;
            }

            if (!Mark().IsMatch(text.AsSpan(next..(end + 1))))
            {
                return at;
            }

            at = end + 1;
        }
    }

    private static IEnumerable<int> Numbers(string piece) => Mark().Matches(piece)
        .SelectMany(mark => mark.Value.Trim(' ', '[', ']').Split(',', StringSplitOptions.TrimEntries))
        .Select(number => int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture));

    /// <summary>No control characters, and none that turn the direction of what follows.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c == '\n' || !char.IsControl(c))
            {
                clean.Append(char.GetUnicodeCategory(c) == UnicodeCategory.Format ? "" : c);
            }
            else
            {
                clean.Append(' ');
            }
        }

        return clean.ToString();
    }

    [GeneratedRegex(@" *\[ *\d{1,3}(?: *, *\d{1,3})* *\]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Mark();

    [GeneratedRegex(@"^\s*(?:[-*•]|\d{1,2}[.)])\s+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ListMark();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();
}
