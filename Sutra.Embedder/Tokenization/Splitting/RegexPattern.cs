using System.Text.RegularExpressions;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>
/// A regular expression in the syntax of Oniguruma, as far as .NET's means the same. What may mean something else there is
/// refused. Matching is bounded in time: an expression that backtracks without end throws <see cref="RegexMatchTimeoutException"/>.
/// </summary>
internal sealed class RegexPattern : TextPattern
{
    /// <summary>Onig's Ruby syntax: ^ and $ always mean lines.</summary>
    public const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.Multiline;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Onig's \w, \b and POSIX classes differ; its {,n} is a quantifier; nested classes and && are set operations there.
    private static readonly (string Found, string Says)[] Different =
    [
        (@"\\[wWbBhHRXKGyYON]", "an escape that has another meaning or none here"),
        (@"\\p\{(\^|Is)", "a property that has another name or none here"),
        (@"\[\[|&&|\[[^\]\\]*[^\\\]]\[|-\[", "a nested character class"),
        (@"\{,", "a quantifier without a minimum"),
        (@"\{\d+(,\d*)?\}[?+]", "a lazy or possessive count"),
        (@"\(\?[^:=!<i]|\(\?i[^:]|\(\?<[^=!a-zA-Z]", "an option that has another meaning or none here"),
        (@"[\uD800-\uDFFF]", "a character beyond the basic plane"),
    ];

    private readonly Regex _regex;

    /// <exception cref="FormatException">The expression is not supported; says why.</exception>
    public RegexPattern(string expression)
    {
        foreach (var (found, says) in Different)
        {
            if (Regex.IsMatch(expression, found, RegexOptions.CultureInvariant, Patience))
            {
                throw new FormatException($"its regular expression {expression} has {says}, which is not supported.");
            }
        }

        if (expression.AsSpan().ContainsAny(RegexText.Names))
        {
            throw new FormatException($"its regular expression {expression} names a character that is not supported.");
        }

        _regex = Make(expression);
    }

    public override void Find(ReadOnlySpan<char> text, RegexText proxy, PartList matches, int offset = 0)
    {
        var chars = proxy.Take(text, out var isProxy);
        var last = -1;
        foreach (var match in _regex.EnumerateMatches(chars))
        {
            var (start, stop) = (match.Index, match.Index + match.Length);
            // Onig's iteration does not report nothing right behind a match.
            if (start == stop && start == last)
            {
                continue;
            }

            last = stop;
            matches.Add(
                offset + (isProxy ? proxy.PositionOf(start) : start),
                offset + (isProxy ? proxy.PositionOf(stop) : stop),
                isMatch: true);
        }
    }

    private static Regex Make(string expression)
    {
        try
        {
            // NonBacktracking takes seconds for one match of 500,000 characters.
            return new Regex(expression, Options | RegexOptions.Compiled, Patience);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"its regular expression {expression} is not supported: {e.Message}", e);
        }
    }
}
