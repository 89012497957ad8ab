namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>What Split and Replace look for. Thread-safe.</summary>
internal abstract class TextPattern
{
    /// <summary>Adds the matches in <paramref name="text"/>, in order and without overlap.</summary>
    public abstract void Find(ReadOnlySpan<char> text, RegexText proxy, PartList matches, int offset = 0);
}

/// <summary>A text as it stands.</summary>
internal sealed class LiteralPattern(string content) : TextPattern
{
    public override void Find(ReadOnlySpan<char> text, RegexText proxy, PartList matches, int offset = 0)
    {
        for (var from = 0; ;)
        {
            var at = text[from..].IndexOf(content, StringComparison.Ordinal);
            if (at < 0)
            {
                return;
            }

            matches.Add(offset + from + at, offset + from + at + content.Length, isMatch: true);
            from += at + content.Length;
        }
    }
}

/// <summary>Split: at what a pattern finds, or at what it does not.</summary>
internal sealed class PatternSplitter(TextPattern pattern, SplitBehaviour behaviour, bool invert) : Splitter
{
    protected override void Split(Text.Workspace workspace, int start, int stop, Text.PieceList target)
    {
        var parts = workspace.Parts;
        parts.Clear();
        var matches = workspace.Matches;
        matches.Clear();
        pattern.Find(workspace.Text.Chars[start..stop], workspace.Regex, matches, start);
        if (behaviour is SplitBehaviour.Isolated or SplitBehaviour.Removed)
        {
            Emit(matches, start, stop, target);
            return;
        }

        if (matches.Count == 0)
        {
            target.Add(start, stop);
            return;
        }

        var from = start;
        for (var i = 0; i < matches.Count; i++)
        {
            if (from < matches[i].Start)
            {
                parts.Add(from, matches[i].Start, invert);
            }

            from = matches[i].Stop;
            parts.Add(matches[i].Start, from, !invert);
        }

        if (from < stop)
        {
            parts.Add(from, stop, invert);
        }

        behaviour.Apply(parts, target);
    }

    // The usual ways, without a list in between.
    private void Emit(PartList matches, int start, int stop, Text.PieceList target)
    {
        var keepsMatches = behaviour == SplitBehaviour.Isolated || invert;
        var keepsOthers = behaviour == SplitBehaviour.Isolated || !invert;
        for (var i = 0; i < matches.Count; i++)
        {
            ref readonly var match = ref matches[i];
            if (keepsOthers)
            {
                target.Add(start, match.Start);
            }

            start = match.Stop;
            if (keepsMatches)
            {
                target.Add(match.Start, start);
            }
        }

        if (keepsOthers)
        {
            target.Add(start, stop);
        }
    }
}
