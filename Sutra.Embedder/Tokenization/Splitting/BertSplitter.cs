using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>BertPreTokenizer: white space separates, punctuation stands alone.</summary>
internal sealed class BertSplitter : Splitter
{
    private static readonly CharacterTable Table = new(rune => RustUnicode.IsWhiteSpace(rune) ? CharacterClass.WhiteSpace
        : RustUnicode.IsPunctuation(rune) ? CharacterClass.Punctuation : CharacterClass.None);

    protected override void Split(Workspace workspace, int start, int stop, PieceList target)
    {
        var chars = workspace.Text.Chars;
        var from = start;
        for (var i = start; i < stop;)
        {
            var found = Table.Look(chars, i, out var consumed);
            if (found != CharacterClass.None)
            {
                target.Add(from, i);
                from = i + consumed;
                if (found == CharacterClass.Punctuation)
                {
                    target.Add(i, from);
                }
            }

            i += consumed;
        }

        target.Add(from, stop);
    }
}
