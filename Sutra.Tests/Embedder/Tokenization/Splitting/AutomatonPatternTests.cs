using Sutra.Embedder.Tokenization.Splitting;
using Sutra.Embedder.Tokenization.Splitting.Automata;
using Sutra.Tests.Embedder.Tokenization.Reference;

namespace Sutra.Tests.Embedder.Tokenization.Splitting;

/// <summary>Expressions followed by table against .NET's engine: the same matches in every text.</summary>
[TestClass]
public sealed class AutomatonPatternTests
{
    private static readonly string[] Edges =
    [
        "", "a", "aé", "éa", "a\u0301", "\u0301a", "a🙂", "🙂a", "a𝒳b", "𝒳𝓎", "x²½", "\r\n", " \n ", "'", "''s", "it's'T", "aab", "aaab", "abab", "12345", "a1b22c333",
        "\u017F\u212A", "ǅabc", "İi", "\0\uFFFE\uFFFF", "𠀀東京", "\u3000\u00A0\u2028x", "𞤀𞤣", "e\u0301\u0302f", new('a', 5000), new(' ', 5000),
    ];

    [TestMethod]
    [DataRow(@"\s+")]
    [DataRow(" {2,}")]
    [DataRow(@"[\p{L}\p{M}]+")]
    [DataRow(@"'s|'t|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")]
    [DataRow(@"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")]
    [DataRow(@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t)?|\p{N}{1,2}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+")]
    [DataRow(@"(?i:[sk]|ß|ij)+|(a|ab)(c|bcd)?|a{2,3}b")]
    [DataRow(@"a|ab|abc", DisplayName = "the first alternative, not the longest")]
    [DataRow(@"(?:a|ab)(?:ab|b)?", DisplayName = "what comes first in a group, too")]
    [DataRow(@"a*b|a", DisplayName = "a way that goes on in vain")]
    [DataRow(@"[^a]", DisplayName = "anything else, beyond the basic plane too")]
    [DataRow(".", DisplayName = "anything but a line feed")]
    [DataRow(@"\P{L}+|\D\d{2}")]
    [DataRow(@"[\w-]+|x", DisplayName = "a hyphen at the end of a set")]
    public void It_finds_what_the_general_engine_finds(string expression)
    {
        if (expression.Contains(@"\w", StringComparison.Ordinal))
        {
            expression = expression.Replace(@"\w", @"\p{L}\p{N}_", StringComparison.Ordinal);
        }

        var pattern = AutomatonPattern.For(expression);
        Assert.IsInstanceOfType<AutomatonPattern>(pattern);
        var general = new RegexPattern(expression);
        foreach (var text in Edges.Concat(new MixedText(7).Lines(1600, ["'s", "ab"])))
        {
            CollectionAssert.AreEqual(Find(general, text), Find(pattern, text), $"{expression} in {text.Length} units: {text[..Math.Min(60, text.Length)]}");
        }
    }

    [TestMethod]
    [DataRow(@"\s+(?!\S)")]
    [DataRow(@"(?<=a)b")]
    [DataRow("^a+")]
    [DataRow("(?:a|aa)+$")]
    [DataRow("a+?b")]
    [DataRow("a*")]
    [DataRow(@"(a)\1")]
    [DataRow("(?<name>a)b")]
    [DataRow("[]a]b")]
    [DataRow("a{")]
    [DataRow("(?:a?)+b")]
    [DataRow(@"\p{L}{500,2000}")]
    public void What_it_cannot_follow_is_left_to_the_general_engine(string expression) =>
        Assert.IsInstanceOfType<RegexPattern>(AutomatonPattern.For(expression));

    [TestMethod]
    public void Where_every_start_reads_to_the_end_the_general_engine_takes_over()
    {
        const string Expression = "[ab]*c|b";
        var text = new string('a', 3000) + "b" + new string('a', 3000);
        CollectionAssert.AreEqual(Find(new RegexPattern(Expression), text), Find(AutomatonPattern.For(Expression), text));
    }

    private static List<Part> Find(TextPattern pattern, string text)
    {
        var matches = new PartList();
        matches.Add(0, 0, isMatch: false);
        pattern.Find(text, new RegexText(), matches, offset: 3);
        return [.. Enumerable.Range(0, matches.Count).Select(i => matches[i])];
    }
}
