using System.Text.RegularExpressions;
using Sutra.Models.Eval.Corpus;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Eval.Sets;

/// <summary>
/// Graded pairs from how paragraphs stand to each other: 3 = the two halves of one paragraph, 2 = halves of two paragraphs under one heading,
/// 1 = of two paragraphs of one source, 0 = of two sources. All texts are halves, a first and a second one, so that length tells nothing.
/// </summary>
/// <remarks>
/// Relatedness of topic, not sameness of meaning: the halves of a paragraph go on about one thing, they do not repeat each other. A heading
/// that more than four paragraphs share ("Summary") joins nothing.
/// </remarks>
internal static partial class ParagraphKinship
{
    private const int ShortestHalf = 8;
    private const int LargestHeading = 4;

    /// <param name="usable">As of <see cref="RetrievalSet.Usable"/>.</param>
    /// <param name="others">Paragraphs of the split's other sources.</param>
    public static SimilaritySet Build(string source, IReadOnlyList<TextPair> pairs, IEnumerable<string> others, IReadOnlySet<string> usable, ulong seed)
    {
        var paragraphs = pairs.Where(p => usable.Contains(p.Positive))
            .DistinctBy(p => p.Positive, StringComparer.Ordinal)
            .Select(p => (p.Anchor, Halves: Halve(p.Positive)))
            .Where(p => p.Halves is not null)
            .Select(p => new Paragraph(p.Anchor, p.Halves!.Value.First, p.Halves!.Value.Second))
            .OrderBy(p => StableHash.Of(p.First, seed)).ThenBy(p => p.First, StringComparer.Ordinal)
            .ToArray();
        var strangers = StableHash.Shuffle(others, seed)
            .Select(Halve).OfType<(string First, string Second)>().Take(paragraphs.Length).ToArray();
        return SimilaritySet.Balance(
            source,
            [
                [.. paragraphs.Zip(strangers, (p, s) => new GradedPair(p.First, s.Second, 0))],
                [.. paragraphs.Zip(paragraphs.Skip(1)).Where(p => p.First.Heading != p.Second.Heading).Select(p => new GradedPair(p.First.First, p.Second.Second, 1))],
                [.. paragraphs.GroupBy(p => p.Heading, StringComparer.Ordinal)
                    .Where(g => g.Take(LargestHeading + 1).Count() is > 1 and <= LargestHeading)
                    .Select(g => new GradedPair(g.First().First, g.ElementAt(1).Second, 2))],
                [.. paragraphs.Select(p => new GradedPair(p.First, p.Second, 3))],
            ],
            seed);
    }

    /// <summary>Cut between the two sentences nearest to the middle; null when a half would be too short to say something.</summary>
    internal static (string First, string Second)? Halve(string text)
    {
        var middle = text.Length / 2;
        var cut = SentenceEnd().Matches(text).Select(m => m.Index + m.Length).OrderBy(end => Math.Abs(end - middle)).FirstOrDefault(-1);
        if (cut < 0)
        {
            return null;
        }

        var (first, second) = (text[..cut].Trim(), text[cut..].Trim());
        return CountWords(first) >= ShortestHalf && CountWords(second) >= ShortestHalf ? (first, second) : null;
    }

    private static int CountWords(string text) => text.AsSpan().Count(' ') + 1;

    [GeneratedRegex(@"[.!?][""”)]?\s+(?=\p{Lu})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SentenceEnd();

    private sealed record Paragraph(string Heading, string First, string Second);
}
