namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>The pieces that words are made of, and how a word is cut into them: greedily, longest piece first.</summary>
internal sealed class WordPieceVocabulary
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _first;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _following;
    private readonly int _longest;

    /// <param name="pieces">Ids by piece, as in tokenizer.json.</param>
    /// <param name="unknown">Stands for a word that cannot be made of pieces; must be one of them.</param>
    /// <param name="continuingPrefix">What marks a piece that does not begin a word, <c>##</c> usually.</param>
    /// <param name="maxCharactersPerWord">A longer word is unknown; Unicode scalars.</param>
    public WordPieceVocabulary(IReadOnlyDictionary<string, int> pieces, string unknown, string continuingPrefix, int maxCharactersPerWord)
    {
        UnknownId = pieces[unknown];
        MaxCharactersPerWord = maxCharactersPerWord;

        var first = new Dictionary<string, int>(pieces.Count, StringComparer.Ordinal);
        var following = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (piece, id) in pieces)
        {
            first[piece] = id;
            _longest = Math.Max(_longest, piece.Length);
            if (piece.Length > continuingPrefix.Length && piece.StartsWith(continuingPrefix, StringComparison.Ordinal))
            {
                following[piece[continuingPrefix.Length..]] = id;
            }
        }

        _first = first.GetAlternateLookup<ReadOnlySpan<char>>();
        _following = following.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int UnknownId { get; }

    public int MaxCharactersPerWord { get; }

    /// <summary>Appends the pieces of <paramref name="word"/>, or the unknown id when any part of it fits none.</summary>
    public void Cut(ReadOnlySpan<char> word, TokenBuffer tokens)
    {
        if (!TryCut(word, tokens))
        {
            tokens.Add(UnknownId);
        }
    }

    /// <summary>Appends the pieces of <paramref name="word"/>; nothing when any part of it fits none.</summary>
    /// <param name="places">Gets each piece's place in the word, when asked for.</param>
    public bool TryCut(ReadOnlySpan<char> word, TokenBuffer tokens, List<TokenPlace>? places = null)
    {
        var before = tokens.Count;
        var lookup = _first;
        for (var start = 0; start < word.Length; lookup = _following)
        {
            var length = Math.Min(word.Length - start, _longest);
            int id;
            while (!lookup.TryGetValue(word.Slice(start, length), out id))
            {
                if (--length == 0)
                {
                    tokens.CutTo(before);
                    return false;
                }
            }

            tokens.Add(id);
            places?.Add(new TokenPlace(start, start + length));
            start += length;
        }

        return true;
    }
}
