using System.Text;

namespace Sutra.Embedder.Tokenization;

/// <summary>What is asked of a WordPiece tokenizer for people to read: tokens with their places, and text of ids.</summary>
internal sealed class WordPieceDetail(
    BertNormalizerSettings normalizer,
    WordPieceVocabulary vocabulary,
    AddedTokens added,
    SpecialFrame frame,
    string?[] pieces,
    IReadOnlySet<int> special,
    string continuingPrefix)
{
    private readonly BertCharacters _characters = new(normalizer);

    public int VocabularySize => pieces.Length;

    public IReadOnlyList<Token> Tokenize(string text, bool addSpecialTokens)
    {
        var tokens = new List<Token>();
        tokens.AddRange(addSpecialTokens ? frame.Prefix.Select(Special) : []);
        for (var position = 0; position < text.Length;)
        {
            var at = added.Find(text, position, out var found);
            AddWords(text, position, at < 0 ? text.Length : at, tokens);
            if (found is null)
            {
                break;
            }

            position = at + found.Content.Length;
            tokens.Add(new Token(found.Id, found.Content, special.Contains(found.Id), at, position));
        }

        tokens.AddRange(addSpecialTokens ? frame.Suffix.Select(Special) : []);
        return tokens;
    }

    /// <summary>Pieces with spaces between words, and without the spaces that splitting put before punctuation.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var text = new StringBuilder();
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)pieces.Length || pieces[id] is not { } piece || (skipSpecialTokens && special.Contains(id)))
            {
                continue;
            }

            var continues = piece.StartsWith(continuingPrefix, StringComparison.Ordinal);
            text.Append(text.Length == 0 || continues ? "" : " ").Append(continues && text.Length > 0 ? piece[continuingPrefix.Length..] : piece);
        }

        foreach (var (spaced, tight) in new[] { (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re") })
        {
            text.Replace(spaced, tight);
        }

        return text.ToString();
    }

    private Token Special(int id) => new(id, pieces[id] ?? "", true, 0, 0);

    private void AddWords(string text, int from, int to, List<Token> tokens)
    {
        var word = new StringBuilder();
        var origins = new List<(int Start, int Stop)>();
        var several = new char[32];
        for (var i = from; i < to;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i, to - i), out var rune, out var consumed);
            var length = _characters.Normalise(rune, several, out var isolated);
            foreach (var part in several.AsSpan(0, length).EnumerateRunes())
            {
                if (BertCharacters.IsSpace(part))
                {
                    EndWord();
                    continue;
                }

                var alone = isolated || BertCharacters.IsPunctuation(part);
                if (alone)
                {
                    EndWord();
                }

                word.Append(part);
                origins.AddRange(Enumerable.Repeat((i, i + consumed), part.Utf16SequenceLength));
                if (alone)
                {
                    EndWord();
                }
            }

            i += consumed;
        }

        EndWord();

        void EndWord()
        {
            if (word.Length > 0)
            {
                AddPieces(word.ToString(), origins, tokens);
                word.Clear();
                origins.Clear();
            }
        }
    }

    private void AddPieces(string word, List<(int Start, int Stop)> origins, List<Token> tokens)
    {
        using var ids = new TokenBuffer();
        var tooLong = word.EnumerateRunes().Count() > vocabulary.MaxCharactersPerWord;
        if (!tooLong)
        {
            vocabulary.Cut(word, ids);
        }

        if (tooLong || (ids.Count == 1 && ids[new TokenRange(0, 1, false)][0] == vocabulary.UnknownId))
        {
            tokens.Add(new Token(vocabulary.UnknownId, pieces[vocabulary.UnknownId]!, special.Contains(vocabulary.UnknownId), origins[0].Start, origins[^1].Stop));
            return;
        }

        var position = 0;
        foreach (var id in ids[new TokenRange(0, ids.Count, false)])
        {
            var piece = pieces[id]!;
            var length = piece.Length - (position > 0 ? continuingPrefix.Length : 0);
            tokens.Add(new Token(id, piece, special.Contains(id), origins[position].Start, origins[position + length - 1].Stop));
            position += length;
        }
    }
}
