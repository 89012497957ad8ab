using System.Text;

namespace Sutra.Embedder.Tokenization;

/// <summary>
/// WordPiece behind a BertNormalizer and a BertPreTokenizer, in one pass over the text: what most embedding models have. All
/// that is no hot path is left to <paramref name="detail"/>.
/// </summary>
internal sealed class WordPieceTokenizer(
    BertNormalizerSettings normalizer,
    WordPieceVocabulary vocabulary,
    AddedTokens added,
    SpecialFrame frame,
    WordPieceDetail detail) : TextTokenizer
{
    private readonly BertCharacters _characters = new(normalizer);

    public override int VocabularySize => detail.VocabularySize;

    public override int SpecialTokens => frame.Count;

    public override TokenRange Encode(
        ReadOnlySpan<char> text,
        int maxTokens,
        TokenBuffer tokens,
        TruncationSide side = TruncationSide.Right,
        bool addSpecialTokens = true)
    {
        var start = tokens.Count;
        var room = frame.Open(maxTokens, tokens, addSpecialTokens);
        // Words are cut one by one, so what lies behind the limit need not be read.
        EncodeText(text, side == TruncationSide.Right ? tokens.Count + room : int.MaxValue, tokens);
        return frame.Close(start, room, tokens, side, addSpecialTokens);
    }

    public override TokenRange Encode(ReadOnlySpan<int> ids, int maxTokens, TokenBuffer tokens, TruncationSide side = TruncationSide.Right) =>
        frame.Encode(ids, maxTokens, tokens, side);

    public override IReadOnlyList<Token> Tokenize(string text, bool addSpecialTokens = true) => detail.Tokenize(text, addSpecialTokens);

    public override string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true) => detail.Decode(ids, skipSpecialTokens);

    private void EncodeText(ReadOnlySpan<char> text, int limit, TokenBuffer tokens)
    {
        for (var position = 0; position < text.Length && tokens.Count <= limit;)
        {
            var at = added.Find(text, position, out var found);
            EncodeWords(text[position..(at < 0 ? text.Length : at)], limit, tokens);
            if (found is null)
            {
                break;
            }

            tokens.Add(found.Id);
            position = at + found.Content.Length;
        }
    }

    private void EncodeWords(ReadOnlySpan<char> text, int limit, TokenBuffer tokens)
    {
        var word = new Word(stackalloc char[256], vocabulary);
        Span<char> several = stackalloc char[32];
        for (var i = 0; i < text.Length && tokens.Count <= limit;)
        {
            var kind = _characters.Look(text[i], out var normalised);
            if (kind == CharacterKind.Letter)
            {
                word.Add(normalised);
                i++;
            }
            else if (kind == CharacterKind.Complex)
            {
                Rune.DecodeFromUtf16(text[i..], out var rune, out var consumed);
                i += consumed;
                var length = _characters.Normalise(rune, several, out var isolated);
                foreach (var part in several[..length].EnumerateRunes())
                {
                    if (BertCharacters.IsSpace(part))
                    {
                        word.End(tokens);
                    }
                    else if (isolated || BertCharacters.IsPunctuation(part))
                    {
                        word.End(tokens);
                        word.Add(part);
                        word.End(tokens);
                    }
                    else
                    {
                        word.Add(part);
                    }
                }
            }
            else
            {
                i++;
                if (kind != CharacterKind.Dropped)
                {
                    word.End(tokens);
                }

                if (kind == CharacterKind.Isolated)
                {
                    word.Add(normalised);
                    word.End(tokens);
                }
            }
        }

        word.End(tokens);
    }

    /// <summary>The word being read. What is too long for the vocabulary's limit is only counted.</summary>
    private ref struct Word(Span<char> characters, WordPieceVocabulary vocabulary)
    {
        private readonly Span<char> _characters =
            characters.Length >= vocabulary.MaxCharactersPerWord * 2 ? characters : new char[vocabulary.MaxCharactersPerWord * 2];

        private int _length;
        private int _scalars;

        public void Add(char character)
        {
            if (_scalars++ < vocabulary.MaxCharactersPerWord)
            {
                _characters[_length++] = character;
            }
        }

        public void Add(Rune rune)
        {
            if (_scalars++ < vocabulary.MaxCharactersPerWord)
            {
                _length += rune.EncodeToUtf16(_characters[_length..]);
            }
        }

        public void End(TokenBuffer tokens)
        {
            if (_scalars == 0)
            {
                return;
            }

            if (_scalars > vocabulary.MaxCharactersPerWord)
            {
                tokens.Add(vocabulary.UnknownId);
            }
            else
            {
                vocabulary.Cut(_characters[.._length], tokens);
            }

            _length = 0;
            _scalars = 0;
        }
    }
}
