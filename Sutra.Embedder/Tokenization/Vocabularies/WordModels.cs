using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>WordLevel: a word is a token, or unknown.</summary>
internal sealed class WordLevelModel(Dictionary<string, int> vocabulary, int unknownId) : TokenModel
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();

    public override int Count => vocabulary.Count;

    public override IEnumerable<KeyValuePair<string, int>> Entries => vocabulary;

    public override bool TryGetId(string token, out int id) => vocabulary.TryGetValue(token, out id);

    public override void Encode(ReadOnlySpan<char> piece, Workspace workspace, TokenBuffer tokens, List<TokenPlace>? places)
    {
        tokens.Add(_lookup.TryGetValue(piece, out var id) ? id : unknownId);
        places?.Add(new TokenPlace(0, piece.Length));
    }
}

/// <summary>WordPiece: a word is cut into the longest pieces, from its beginning.</summary>
internal sealed class WordPieceModel(Dictionary<string, int> entries, WordPieceVocabulary vocabulary) : TokenModel
{
    public override int Count => entries.Count;

    public override IEnumerable<KeyValuePair<string, int>> Entries => entries;

    public override bool TryGetId(string token, out int id) => entries.TryGetValue(token, out id);

    public override void Encode(ReadOnlySpan<char> piece, Workspace workspace, TokenBuffer tokens, List<TokenPlace>? places)
    {
        if (places is not null || piece.Length > WordCache.MaxLength)
        {
            Cut(piece, tokens, places);
        }
        else if (!workspace.Words.TryGet(piece, tokens, out var hash))
        {
            var before = tokens.Count;
            Cut(piece, tokens, places);
            workspace.Words.Set(piece, hash, tokens[new TokenRange(before, tokens.Count - before, false)]);
        }
    }

    private void Cut(ReadOnlySpan<char> piece, TokenBuffer tokens, List<TokenPlace>? places)
    {
        var before = places?.Count ?? 0;
        if (!IsTooLong(piece) && vocabulary.TryCut(piece, tokens, places))
        {
            return;
        }

        tokens.Add(vocabulary.UnknownId);
        places?.RemoveRange(before, places.Count - before);
        places?.Add(new TokenPlace(0, piece.Length));
    }

    private bool IsTooLong(ReadOnlySpan<char> piece)
    {
        if (piece.Length <= vocabulary.MaxCharactersPerWord)
        {
            return false;
        }

        var count = 0;
        foreach (var _ in piece.EnumerateRunes())
        {
            count++;
        }

        return count > vocabulary.MaxCharactersPerWord;
    }
}
