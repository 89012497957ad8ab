using Sutra.Embedder.Tokenization.Splitting;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Normalization;

/// <summary>Strip: white space at the ends goes.</summary>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    public override void Normalise(Workspace workspace)
    {
        var (source, target) = (workspace.Text, workspace.SpareText);
        // Every white space is one UTF-16 unit.
        var chars = source.Chars;
        var start = left ? chars.Length - chars.TrimStart().Length : 0;
        var stop = right ? Math.Max(start, chars.TrimEnd().Length) : chars.Length;
        if (start == 0 && stop == chars.Length)
        {
            return;
        }

        target.Clear(source.Tracks);
        target.Append(source, start, stop - start);
        workspace.SwapText();
    }
}

/// <summary>Prepend: puts something before every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override void Normalise(Workspace workspace)
    {
        var (source, target) = (workspace.Text, workspace.SpareText);
        if (source.Length == 0)
        {
            return;
        }

        target.Clear(source.Tracks);
        target.Append(prefix, source, 0, 0);
        target.Append(source, 0, source.Length);
        workspace.SwapText();
    }
}

/// <summary>Replace: every match of a pattern becomes something else.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    public override void Normalise(Workspace workspace)
    {
        var (source, target) = (workspace.Text, workspace.SpareText);
        var matches = workspace.Parts;
        matches.Clear();
        pattern.Find(source.Chars, workspace.Regex, matches);
        target.Clear(source.Tracks);
        var (begun, done) = (false, 0);
        for (var i = 0; i < matches.Count; i++)
        {
            var match = matches[i];
            if (match.Stop - match.Start == 1 && content.Length == 1)
            {
                // A space for white space, usually: nothing moves.
                source.InPlace[match.Start] = content[0];
                continue;
            }

            begun = true;
            target.Append(source, done, match.Start - done);
            // What replaces a match stands where the match's last character stood: the reference has it so, and one pre-tokenizer asks.
            var last = Math.Max(0, match.Stop - 1);
            target.Append(content, source, last, last);
            done = match.Stop;
        }

        if (begun)
        {
            target.Append(source, done, source.Length - done);
            workspace.SwapText();
        }
    }
}
