using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Sutra.Models.Train.Extraction;

/// <summary>A bound on open tags: HTML parsers look through all of them at each tag, so a page of a million nested ones would take days.</summary>
internal static partial class HtmlNesting
{
    private const int Maximum = 2000;

    // Never hold what follows, or are closed by the next of their kind.
    private static readonly FrozenSet<string> NotCounted = new[]
    {
        "a", "area", "base", "body", "br", "col", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li", "link", "meta", "option", "p", "param",
        "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="InvalidDataException">More than 2,000 tags are open somewhere.</exception>
    public static void Check(string html)
    {
        var names = NotCounted.GetAlternateLookup<ReadOnlySpan<char>>();
        var open = 0;
        foreach (var match in Tag().EnumerateMatches(html))
        {
            var tag = html.AsSpan(match.Index + 1, match.Length - 1);
            var closes = tag[0] == '/';
            var name = closes ? tag[1..] : tag;
            var end = name.IndexOfAnyExceptInRange('0', 'z');
            if (tag[^1] != '/' && !names.Contains(end < 0 ? name : name[..end]))
            {
                open = closes ? Math.Max(0, open - 1) : open + 1;
            }

            if (open > Maximum)
            {
                throw new InvalidDataException("Tags are nested too deeply.");
            }
        }
    }

    // A name, then up to where the tag ends or closes itself.
    [GeneratedRegex(@"</?[A-Za-z][A-Za-z0-9]*(?:[^<>]*/(?=>))?", RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex Tag();
}
