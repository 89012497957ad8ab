using Sutra.Api.Embeddings;

namespace Sutra.Api.Documents;

/// <summary>The embedder counts in code points, strings in UTF-16 units.</summary>
internal static class CodePoints
{
    /// <param name="spans">In code points of the text, each beginning no earlier than the one before.</param>
    /// <returns>The same in UTF-16 units.</returns>
    public static TokenSpan[] ToUnits(string text, TokenSpan[] spans)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            return spans;
        }

        var units = new int[text.Length + 1];
        var (points, at) = (0, 0);
        while (at < text.Length)
        {
            units[points++] = at;
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
        }

        units[points] = text.Length;
        return [.. spans.Select(span => new TokenSpan(units[Math.Min(span.Start, points)], units[Math.Min(span.Stop, points)]))];
    }
}
