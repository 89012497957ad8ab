using System.Buffers;
using System.Text;
using Sutra.Embedder.Tokenization.PostProcessing;
using Sutra.Embedder.Tokenization.Text;
using Sutra.Embedder.Tokenization.Vocabularies;

namespace Sutra.Embedder.Tokenization;

/// <summary>
/// WordPiece behind a BertNormalizer and a BertPreTokenizer, in one pass over the text: what most embedding models have. All
/// that is no hot path is left to <paramref name="general"/>.
/// </summary>
internal sealed class WordPieceTokenizer(
    BertNormalizerSettings normalizer,
    WordPieceVocabulary vocabulary,
    AddedTokens added,
    SpecialFrame frame,
    PipelineTokenizer general) : TextTokenizer
{
    // Marks that stay when accents go, and have a combining class: with the first halves of those beyond the basic plane.
    private static readonly SearchValues<char> Reordered = SearchValues.Create('\u302E', '\u302F', '\uD834', '\uD81B');

    private readonly BertCharacters _characters = new(normalizer);
    private readonly WorkspacePool _workspaces = new();

    public override int VocabularySize => general.VocabularySize;

    public override int SpecialTokens => frame.Count;

    public override TokenRange Encode(
        ReadOnlySpan<char> text,
        int maxTokens,
        TokenBuffer tokens,
        TruncationSide side = TruncationSide.Right,
        bool addSpecialTokens = true)
    {
        // Words are read a character at a time: what has to be put in another order is left to those who see all of it.
        if (normalizer.StripAccents && text.ContainsAny(Reordered))
        {
            return general.Encode(text, maxTokens, tokens, side, addSpecialTokens);
        }

        var start = tokens.Count;
        var room = frame.Open(maxTokens, tokens, addSpecialTokens);
        // Words are cut one by one, so what lies behind the limit need not be read.
        var workspace = _workspaces.Rent();
        EncodeText(text, side == TruncationSide.Right ? tokens.Count + room : int.MaxValue, tokens, workspace.Words);
        _workspaces.Return(workspace);
        return frame.Close(start, room, tokens, side, addSpecialTokens);
    }

    public override TokenRange Encode(ReadOnlySpan<int> ids, int maxTokens, TokenBuffer tokens, TruncationSide side = TruncationSide.Right) =>
        frame.Encode(ids, maxTokens, tokens, side);

    public override IReadOnlyList<Token> Tokenize(string text, bool addSpecialTokens = true) => general.Tokenize(text, addSpecialTokens);

    public override string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true) => general.Decode(ids, skipSpecialTokens);

    private void EncodeText(ReadOnlySpan<char> text, int limit, TokenBuffer tokens, WordCache words)
    {
        for (int from = 0, taken = 0; tokens.Count <= limit;)
        {
            var found = added.TryFind(text, from, taken, out var match);
            var stop = found ? match.Start : text.Length;
            if (taken < stop)
            {
                EncodeWords(text[taken..stop], limit, tokens, words);
            }

            if (!found)
            {
                break;
            }

            tokens.Add(match.Token.Id);
            (from, taken) = (match.Next, match.Stop);
        }
    }

    private void EncodeWords(ReadOnlySpan<char> text, int limit, TokenBuffer tokens, WordCache words)
    {
        var word = new Word(stackalloc char[256], vocabulary, words);
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
    private ref struct Word(Span<char> characters, WordPieceVocabulary vocabulary, WordCache words)
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
                Cut(_characters[.._length], tokens);
            }

            _length = 0;
            _scalars = 0;
        }

        private readonly void Cut(ReadOnlySpan<char> word, TokenBuffer tokens)
        {
            if (word.Length > WordCache.MaxLength)
            {
                vocabulary.Cut(word, tokens);
            }
            else if (!words.TryGet(word, tokens, out var hash))
            {
                var before = tokens.Count;
                vocabulary.Cut(word, tokens);
                words.Set(word, hash, tokens[new TokenRange(before, tokens.Count - before, false)]);
            }
        }
    }
}
