using System.Buffers;
using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>ByteLevel: every byte of the UTF-8 becomes a visible character; before that, GPT-2's words unless that is off.</summary>
internal sealed class ByteLevelSplitter(bool addPrefixSpace, bool splitWords) : Splitter
{
    private static readonly char Space = ByteAlphabet.ToCharacter((byte)' ');
    private static readonly SearchValues<char> Controls = SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7F).Select(value => (char)value)]);

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
        if (Ascii.IsValid(workspace.Text.Chars))
        {
            // A byte a character: pieces stay where they are. (What is an added token already nobody reads again.)
            ToVisible(workspace.Text.InPlace);
            return;
        }

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
            }
            else
            {
                ToBytes(source, piece.Start, piece.Stop, target);
            }

            result.Add(start, target.Length, piece.Id);
        }

        workspace.SwapText();
        workspace.SwapPieces();
    }

    private static void ToBytes(TextBuffer source, int from, int stop, TextBuffer target)
    {
        Span<byte> bytes = stackalloc byte[4];
        var chars = source.Chars[..stop];
        for (var at = from; at < stop;)
        {
            var plain = chars[at..].IndexOfAnyExceptInRange('\0', '\u007F');
            plain = plain < 0 ? stop - at : plain;
            if (plain > 0)
            {
                var start = target.Length;
                target.Append(source, at, plain);
                ToVisible(target.InPlace[start..]);
                at += plain;
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
    }

    // Of ASCII usually only spaces change.
    private static void ToVisible(Span<char> ascii)
    {
        ascii.Replace(' ', Space);
        for (var i = 0; (i = Next(ascii, i)) < ascii.Length; i++)
        {
            ascii[i] = ByteAlphabet.ToCharacter((byte)ascii[i]);
        }

        static int Next(ReadOnlySpan<char> text, int from) =>
            text[from..].IndexOfAny(Controls) is var at and >= 0 ? from + at : text.Length;
    }
}
