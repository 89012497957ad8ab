using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>ByteLevel: every byte of the UTF-8 becomes a visible character; before that, GPT-2's words unless that is off.</summary>
internal sealed class ByteLevelSplitter(bool addPrefixSpace, bool splitWords) : Splitter
{
    private readonly WordPattern? _words = splitWords ? WordPattern.Gpt2 : null;

    public override bool Rewrites => true;

    public override void Split(Workspace workspace)
    {
        if (addPrefixSpace)
        {
            AddSpaces(workspace);
        }

        _words?.Split(workspace);
        ToBytes(workspace);
    }

    private static void AddSpaces(Workspace workspace)
    {
        var (source, pieces) = (workspace.Text, workspace.Pieces);
        var (target, result) = (workspace.SpareText, workspace.SparePieces);
        target.Clear(source.Tracks);
        result.Clear();
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = pieces[i];
            var start = target.Length;
            if (piece.Id < 0 && source.Chars[piece.Start] != ' ')
            {
                target.Append(' ', source, piece.Start);
            }

            target.Append(source, piece.Start, piece.Stop - piece.Start);
            result.Add(start, target.Length, piece.Id);
        }

        workspace.SwapText();
        workspace.SwapPieces();
    }

    private static void ToBytes(Workspace workspace)
    {
        var (source, pieces) = (workspace.Text, workspace.Pieces);
        var (target, result) = (workspace.SpareText, workspace.SparePieces);
        target.Clear(source.Tracks);
        result.Clear();
        Span<byte> bytes = stackalloc byte[4];
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

            var chars = source.Chars[..piece.Stop];
            for (var at = piece.Start; at < chars.Length;)
            {
                if (chars[at] < 0x80)
                {
                    target.Append(ByteAlphabet.ToCharacter((byte)chars[at]), source, at++);
                    continue;
                }

                Rune.DecodeFromUtf16(chars[at..], out var rune, out var consumed);
                var length = rune.EncodeToUtf8(bytes);
                foreach (var value in bytes[..length])
                {
                    target.Append(ByteAlphabet.ToCharacter(value), source, at);
                }

                at += consumed;
            }

            result.Add(start, target.Length);
        }

        workspace.SwapText();
        workspace.SwapPieces();
    }
}
