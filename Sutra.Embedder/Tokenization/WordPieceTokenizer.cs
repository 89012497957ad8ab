using System.Text;

namespace Sutra.Embedder.Tokenization;

/// <summary>
/// Text to token ids as BERT models want them, after a <c>tokenizer.json</c>. Thread-safe; allocates nothing per token. The
/// file's own truncation and padding are ignored: the model's length decides, and padding is the batch's affair.
/// </summary>
public sealed class WordPieceTokenizer
{
    private readonly BertCharacters _characters;
    private readonly WordPieceVocabulary _vocabulary;
    private readonly AddedTokens _added;
    private readonly int[] _prefix;
    private readonly int[] _suffix;

    internal WordPieceTokenizer(
        BertNormalizerSettings normalizer,
        WordPieceVocabulary vocabulary,
        AddedTokens added,
        int[] prefix,
        int[] suffix,
        int vocabularySize)
    {
        _characters = new BertCharacters(normalizer);
        _vocabulary = vocabulary;
        _added = added;
        _prefix = prefix;
        _suffix = suffix;
        VocabularySize = vocabularySize;
    }

    /// <summary>Ids are below this.</summary>
    public int VocabularySize { get; }

    /// <summary>How many special tokens every text gets.</summary>
    public int SpecialTokens => _prefix.Length + _suffix.Length;

    /// <summary>Reads <paramref name="path"/>; a <see cref="Models.ModelException"/> says what is wrong with it.</summary>
    public static WordPieceTokenizer Load(string path) => TokenizerFile.Load(path);

    /// <summary>Appends the tokens of <paramref name="text"/>, special ones included, never more than <paramref name="maxTokens"/>.</summary>
    public TokenRange Encode(ReadOnlySpan<char> text, int maxTokens, TokenBuffer tokens)
    {
        var start = tokens.Count;
        tokens.Add(_prefix);
        var limit = tokens.Count + maxTokens - SpecialTokens;

        var position = 0;
        // Words are cut one by one, so what lies behind the limit need not be read.
        while (position < text.Length && tokens.Count <= limit)
        {
            var at = _added.Find(text, position, out var added);
            EncodeWords(text[position..(at < 0 ? text.Length : at)], limit, tokens);
            if (added is null)
            {
                break;
            }

            tokens.Add(added.Id);
            position = at + added.Content.Length;
        }

        return Finish(start, limit, tokens);
    }

    /// <summary>
    /// Appends <paramref name="ids"/>, which the caller made with this model's vocabulary (each in 0..<see cref="VocabularySize"/>);
    /// special tokens are added unless they are there already.
    /// </summary>
    public TokenRange Encode(ReadOnlySpan<int> ids, int maxTokens, TokenBuffer tokens)
    {
        if (SpecialTokens > 0 && ids.Length >= SpecialTokens && ids.StartsWith(_prefix) && ids.EndsWith(_suffix))
        {
            ids = ids[_prefix.Length..^_suffix.Length];
        }

        var start = tokens.Count;
        tokens.Add(_prefix);
        var limit = tokens.Count + maxTokens - SpecialTokens;
        tokens.Add(ids);
        return Finish(start, limit, tokens);
    }

    private TokenRange Finish(int start, int limit, TokenBuffer tokens)
    {
        var truncated = tokens.Count > limit;
        tokens.CutTo(limit);
        tokens.Add(_suffix);
        return new TokenRange(start, tokens.Count - start, truncated);
    }

    private void EncodeWords(ReadOnlySpan<char> text, int limit, TokenBuffer tokens)
    {
        var word = new Word(stackalloc char[256], _vocabulary);
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
