using System.Text.RegularExpressions;

namespace Sutra.Models.Train.Extraction;

/// <summary>Questions and answers written as paragraphs: <c>Q: …</c>, <c>A: …</c>.</summary>
internal static partial class QuestionText
{
    /// <summary>Is the paragraph a question that another one answers?</summary>
    public static bool IsAsked(string paragraph, out string question)
    {
        var marked = Asked().Match(paragraph);
        question = marked.Success ? paragraph[marked.Length..] : "";
        return question.EndsWith('?');
    }

    /// <summary>Does the paragraph hold a question and, after it, the answer?</summary>
    public static bool IsAnswered(string paragraph, out string question, out string answer)
    {
        var both = AskedAndAnswered().Match(paragraph);
        (question, answer) = (both.Groups["question"].Value, both.Groups["answer"].Value);
        return both.Success;
    }

    /// <summary>The paragraph without an answer's mark.</summary>
    public static string Answer(string paragraph) => paragraph[Answered().Match(paragraph).Length..];

    [GeneratedRegex(@"^(Q|Question)\s?\d{0,3}\s?[:.)]\s*", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Asked();

    [GeneratedRegex(@"^(Q|Question)\s?\d{0,3}\s?[:.)]\s*(?<question>[^?]{1,300}\?)\s(A|Answer)\s?\d{0,3}\s?[:.)]\s*(?<answer>.+)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AskedAndAnswered();

    [GeneratedRegex(@"^(A|Answer)\s?\d{0,3}\s?[:)]\s*", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Answered();
}
