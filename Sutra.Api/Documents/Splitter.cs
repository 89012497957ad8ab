using Sutra.Api.Documents.Parsing;
using Sutra.Api.Embeddings;
using Sutra.Api.Identity;

namespace Sutra.Api.Documents;

/// <summary>
/// Cuts passages on the model's token boundaries: after the last block that ends in the second half of what fits, else after the last sentence
/// there, else after the last token. A piece begins with the end of the one before, from a sentence's beginning where one is near.
/// </summary>
internal sealed class Splitter(EmbedderClient embedder)
{
    // What is tokenized in one call; the embedder takes a million characters.
    private const int CallLength = 200_000;
    private const int CallTexts = 512;

    /// <param name="model">Whose tokens; null: the default one's.</param>
    /// <param name="most">Tokens of a piece, without the headings above it.</param>
    /// <param name="overlap">Tokens that a piece says again of the one before; less than half of <paramref name="most"/>.</param>
    public async Task<IReadOnlyList<Piece>> SplitAsync(
        IReadOnlyList<Passage> passages, string? model, int most, int overlap, Caller caller, CancellationToken cancellation)
    {
        var pieces = new List<Piece>(passages.Count);
        var windows = passages.SelectMany(passage => Windows(passage, most)).ToList();
        for (var next = 0; next < windows.Count;)
        {
            var from = next;
            var length = 0L;
            do
            {
                length += windows[next++].Text.Length;
            }
            while (next < windows.Count && next - from < CallTexts && length + windows[next].Text.Length <= CallLength);

            var group = windows.GetRange(from, next - from);
            var asked = group.Where(window => window.NeedsTokens).Select(window => window.Text).ToList();
            var tokens = asked.Count == 0 ? [] : await embedder.TokenizeAsync(asked, model, caller, cancellation);
            var answered = 0;
            foreach (var window in group)
            {
                pieces.AddRange(window.NeedsTokens
                    ? Cut(window, CodePoints.ToUnits(window.Text, tokens[answered++]), most, overlap)
                    : ToPiece(window.Passage, window.Start, window.Start + window.Text.Length) is { } whole ? [whole] : []);
            }
        }

        return pieces;
    }

    /// <summary>Parts that are tokenized at once: whole passages, but for such as no call could take.</summary>
    private static IEnumerable<Window> Windows(Passage passage, int most)
    {
        var text = passage.Text.ToString();
        if (passage.Columns is not null)
        {
            yield return new Window(passage, 0, text, NeedsTokens: false);
            yield break;
        }

        for (var start = 0; start < text.Length;)
        {
            var end = text.Length;
            if (end - start > CallLength)
            {
                end = passage.BlockEnds.LastOrDefault(block => block > start + (CallLength / 2) && block <= start + CallLength, start + CallLength);
                end -= char.IsLowSurrogate(text[end]) ? 1 : 0;
            }

            // A token has a character at least.
            yield return new Window(passage, start, text[start..end], end - start > most);
            start = end;
        }
    }

    private static IEnumerable<Piece> Cut(Window window, TokenSpan[] tokens, int most, int overlap)
    {
        var text = window.Text;
        for (var start = 0; start < tokens.Length;)
        {
            var end = Math.Min(start + most, tokens.Length);
            if (end < tokens.Length)
            {
                end = Best(window, tokens, start + (most / 2), end);
            }

            var stop = end < tokens.Length ? tokens[end].Start : text.Length;
            if (ToPiece(window.Passage, window.Start + (start == 0 ? 0 : tokens[start].Start), window.Start + stop) is { } piece)
            {
                yield return piece;
            }

            if (end == tokens.Length)
            {
                yield break;
            }

            start = Again(text, tokens, start, end, overlap);
        }
    }

    /// <summary>The token to cut before, from after <paramref name="low"/> to <paramref name="high"/>.</summary>
    private static int Best(Window window, TokenSpan[] tokens, int low, int high)
    {
        for (var cut = high; cut > low; cut--)
        {
            var (from, to) = (window.Start + tokens[cut - 1].Stop, window.Start + tokens[cut].Start);
            var found = Array.BinarySearch(window.Passage.BlockEnds, from);
            var next = found < 0 ? ~found : found;
            if (next < window.Passage.BlockEnds.Length && window.Passage.BlockEnds[next] <= to)
            {
                return cut;
            }
        }

        for (var cut = high; cut > low; cut--)
        {
            if (BeginsSentence(window.Text, tokens, cut))
            {
                return cut;
            }
        }

        return high;
    }

    private static int Again(string text, TokenSpan[] tokens, int start, int end, int overlap)
    {
        var earliest = Math.Max(end - overlap, start + 1);
        for (var again = earliest; again < end; again++)
        {
            if (BeginsSentence(text, tokens, again))
            {
                return again;
            }
        }

        return earliest;
    }

    private static bool BeginsSentence(string text, TokenSpan[] tokens, int token)
    {
        var at = tokens[token].Start;
        var before = text.AsSpan(0, at);
        var trimmed = before.TrimEnd();
        return trimmed.Length < before.Length && (before[trimmed.Length..].Contains('\n') || trimmed is [.., '.' or '!' or '?']);
    }

    private static Piece? ToPiece(Passage passage, int start, int end)
    {
        var text = passage.Text.ToString().AsSpan(start, end - start);
        start += text.Length - text.TrimStart().Length;
        text = text.Trim();
        if (text.IsEmpty)
        {
            return null;
        }

        var section = passage.Section.Count == 0 ? null : string.Join(" > ", passage.Section);
        var (offset, length) = passage.Text.SourceOf(start, start + text.Length);
        return new Piece(section is null ? text.ToString() : $"{section}\n\n{text}", section, offset, length, passage.Columns);
    }

    private sealed record Window(Passage Passage, int Start, string Text, bool NeedsTokens);
}
