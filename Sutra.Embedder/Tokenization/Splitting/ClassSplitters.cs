using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>What <see cref="ClassSplitter"/> finds.</summary>
internal enum CharacterClass : byte
{
    None,
    WhiteSpace,
    Punctuation,
    Number,
    Word,
}

/// <summary>
/// Delimiters that are a character each: Punctuation, Digits, WhitespaceSplit. Tables for the basic plane are made page by page
/// when first used; one thread more that makes a page makes the same.
/// </summary>
internal sealed class ClassSplitter(CharacterClass delimiter, SplitBehaviour behaviour) : Splitter
{
    private readonly CharacterTable _table = new(rune => Is(rune, delimiter) ? delimiter : CharacterClass.None);

    protected override void Split(Workspace workspace, int start, int stop, PieceList target)
    {
        var chars = workspace.Text.Chars;
        if (behaviour is SplitBehaviour.Isolated or SplitBehaviour.Removed)
        {
            Emit(chars, start, stop, target);
            return;
        }

        var first = FirstDelimiter(chars, start, stop);
        if (first == stop)
        {
            target.Add(start, stop);
            return;
        }

        var parts = workspace.Parts;
        parts.Clear();
        var from = start;
        for (var i = first; i < stop;)
        {
            var found = _table.Look(chars, i, out var consumed);
            if (found == delimiter)
            {
                if (from < i)
                {
                    parts.Add(from, i, isMatch: false);
                }

                from = i + consumed;
                parts.Add(i, from, isMatch: true);
            }

            i += consumed;
        }

        if (from < stop)
        {
            parts.Add(from, stop, isMatch: false);
        }

        behaviour.Apply(parts, target);
    }

    private int FirstDelimiter(ReadOnlySpan<char> chars, int start, int stop)
    {
        for (var i = start; i < stop;)
        {
            if (_table.Look(chars, i, out var consumed) == delimiter)
            {
                return i;
            }

            i += consumed;
        }

        return stop;
    }

    // The usual ways, without a list in between.
    private void Emit(ReadOnlySpan<char> chars, int start, int stop, PieceList target)
    {
        for (var i = start; i < stop;)
        {
            var found = _table.Look(chars, i, out var consumed);
            i += consumed;
            if (found != delimiter)
            {
                continue;
            }

            target.Add(start, i - consumed);
            start = i;
            if (behaviour == SplitBehaviour.Isolated)
            {
                target.Add(i - consumed, i);
            }
        }

        target.Add(start, stop);
    }

    internal static bool Is(Rune rune, CharacterClass @class) => @class switch
    {
        CharacterClass.WhiteSpace => RustUnicode.IsWhiteSpace(rune),
        CharacterClass.Punctuation => RustUnicode.IsPunctuation(rune),
        CharacterClass.Number => RustUnicode.IsNumeric(rune),
        _ => RustUnicode.IsWord(rune),
    };
}

/// <summary>Whitespace: runs of word characters, and runs of what is neither that nor white space.</summary>
internal sealed class WordSplitter : Splitter
{
    private static readonly CharacterTable Table = new(rune => RustUnicode.IsWhiteSpace(rune) ? CharacterClass.WhiteSpace
        : RustUnicode.IsWord(rune) ? CharacterClass.Word : CharacterClass.Punctuation);

    protected override void Split(Workspace workspace, int start, int stop, PieceList target)
    {
        var chars = workspace.Text.Chars;
        for (var i = start; i < stop;)
        {
            var from = i;
            var found = Table.Look(chars, i, out var consumed);
            do
            {
                i += consumed;
            }
            while (i < stop && Table.Look(chars, i, out consumed) == found);

            if (found != CharacterClass.WhiteSpace)
            {
                target.Add(from, i);
            }
        }
    }
}
