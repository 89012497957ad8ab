using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>When a mark for a space is put before a piece that lacks one.</summary>
internal enum PrependScheme
{
    /// <summary>Before every piece.</summary>
    Always,

    /// <summary>Before the text only, not behind added tokens.</summary>
    First,

    Never,
}

/// <summary>Metaspace: spaces become a visible mark, and pieces begin at it.</summary>
internal sealed class MetaspaceSplitter(char mark, PrependScheme scheme, bool split) : Splitter
{
    public override bool NeedsOrigins => scheme == PrependScheme.First;

    public override bool Rewrites => true;

    public override void Split(Workspace workspace)
    {
        var (source, pieces) = (workspace.Text, workspace.Pieces);
        var (target, result) = (workspace.SpareText, workspace.SparePieces);
        target.Clear(source.Tracks);
        result.Clear();
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = pieces[i];
            var start = target.Length;
            if (piece.Id >= 0)
            {
                target.Append(source, piece.Start, piece.Stop - piece.Start);
                result.Add(start, target.Length, piece.Id);
                continue;
            }

            if (Prepends(source, piece))
            {
                target.Append(mark, source, piece.Start);
            }

            var from = target.Length;
            target.Append(source, piece.Start, piece.Stop - piece.Start);
            target.InPlace[from..].Replace(' ', mark);
            var begun = start;
            if (split)
            {
                var chars = target.Chars;
                for (var at = from; at < chars.Length; at++)
                {
                    if (chars[at] == mark)
                    {
                        // A mark merges with what follows; a mark before a mark stands alone.
                        result.Add(begun, at);
                        begun = at;
                    }
                }
            }

            result.Add(begun, target.Length);
        }

        workspace.SwapText();
        workspace.SwapPieces();
    }

    private bool Prepends(TextBuffer source, Piece piece) =>
        source.Chars[piece.Start] != ' '
        && source.Chars[piece.Start] != mark
        && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && source.StartOf(piece.Start) == 0));
}
