using System.Globalization;

namespace Sutra.Api.Querying;

/// <summary>
/// Text to terms: words by their stem, names, numbers without grouping (<c>1,204,500</c> = <c>1204500</c>, <c>84.20</c> =
/// <c>84.2</c>), dates in one form however they are written (<c>2025-03-14</c>, <c>14 March 2025</c>, <c>March 14th, 2025</c>).
/// </summary>
internal static class Tokenizer
{
    /// <summary>How far into a text terms are looked for to rank it: a thousand very long texts would keep the asker waiting.</summary>
    public const int MaxCharacters = 32 * 1024;

    /// <summary>
    /// What a question asks for: its terms without stop words, each text once, as the weightiest of its kinds ("Apple" and "apple"
    /// are one name); a date only as precise as it was given.
    /// </summary>
    public static IReadOnlyList<Term> Question(string text) =>
        [.. Read(text, isQuestion: true, MaxCharacters).GroupBy(term => term.Text, StringComparer.Ordinal).Select(same => same.MaxBy(term => term.Kind))];

    /// <summary>What a text offers: a date also counts as its month and its year.</summary>
    /// <param name="characters">How far it is read.</param>
    public static HashSet<string> Offered(string text, int characters = MaxCharacters)
    {
        var offered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var term in Read(text, isQuestion: false, characters))
        {
            offered.Add(term.Text);
            if (term.Kind == TermKind.Exact && term.Text is [_, _, _, _, '-', ..])
            {
                offered.Add(term.Text[..4]);
                if (term.Text.Length > 7)
                {
                    offered.Add(term.Text[..7]);
                }
            }
        }

        return offered;
    }

    private static List<Term> Read(string text, bool isQuestion, int characters)
    {
        var tokens = Scanner.Scan(text.Length > characters ? text[..characters] : text);
        // A shouted question does not consist of names.
        var capitalsMeanNames = isQuestion && tokens.Any(token => token.Text.Any(char.IsLower));
        var terms = new List<Term>(tokens.Count);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (TryDate(tokens, i, out var date, out var used))
            {
                terms.Add(new Term(date, TermKind.Exact));
                i += used - 1;
            }
            else if (ToTerm(tokens[i], capitalsMeanNames) is { } term)
            {
                terms.Add(term);
            }
        }

        return terms;
    }

    private static Term? ToTerm(Token token, bool capitalsMeanNames)
    {
        switch (token.Kind)
        {
            case TokenKind.Date:
                return new Term(token.Text, TermKind.Exact);
            case TokenKind.Number:
                // "the top 5" asks for no 5 in the text.
                return new Term(token.Text, token.Text.Length > 2 ? TermKind.Exact : TermKind.Word);
            case TokenKind.Code:
                return new Term(token.Text.ToLowerInvariant(), TermKind.Name);
            default:
                var word = token.Text.ToLowerInvariant();
                if (StopWords.Contains(word))
                {
                    return null;
                }

                var isName = capitalsMeanNames && char.IsUpper(token.Text[0]) && (!token.StartsSentence || token.Text.All(char.IsUpper));
                return new Term(Stemmer.Stem(word), isName ? TermKind.Name : TermKind.Word);
        }
    }

    /// <summary>14 March 2025 · 14th of March 2025 · March 14, 2025 · March 2025.</summary>
    private static bool TryDate(List<Token> tokens, int at, out string date, out int used)
    {
        (date, used) = ("", 0);
        var next = at;
        int? day = Small(tokens, next);
        if (day is not null)
        {
            next++;
            if (next < tokens.Count && tokens[next].Text.Equals("of", StringComparison.OrdinalIgnoreCase))
            {
                next++;
            }
        }

        if (next >= tokens.Count || tokens[next].Kind != TokenKind.Word || CalendarDates.Month(tokens[next].Text.ToLowerInvariant()) is not { } month)
        {
            return false;
        }

        next++;
        if (day is null && Small(tokens, next) is { } after)
        {
            day = after;
            next++;
        }

        // Four characters may also be 12.5.
        if (next >= tokens.Count || tokens[next] is not { Kind: TokenKind.Number, Text.Length: 4 } yearToken
            || !int.TryParse(yearToken.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var year))
        {
            return false;
        }

        var found = day is null ? CalendarDates.MonthOf(year, month) : CalendarDates.Day(year, month, day.Value);
        (date, used) = (found ?? "", next + 1 - at);
        return found is not null;
    }

    private static int? Small(List<Token> tokens, int at) =>
        at < tokens.Count && tokens[at] is { Kind: TokenKind.Number, Text.Length: <= 2 } token
            ? int.Parse(token.Text, CultureInfo.InvariantCulture)
            : null;
}
