using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>
/// Unigram language model (Kudo 2018, https://aclanthology.org/P18-1007/): the tokens whose scores add up to the most.
/// </summary>
internal sealed class UnigramModel : TokenModel
{
    /// <summary>What an unknown character scores less than the worst token.</summary>
    private const double UnknownPenalty = 10;

    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly IReadOnlyList<(string Token, double Score)> _entries;
    private readonly double[] _scores;
    private readonly CharacterTrie _trie;
    private readonly ByteTokens? _bytes;
    private readonly int _unknownId;
    private readonly double _unknownScore;
    private readonly int _longest;

    /// <param name="entries">The order is the id; of two with the same token the later counts.</param>
    public UnigramModel(IReadOnlyList<(string Token, double Score)> entries, int unknownId, bool byteFallback)
    {
        _entries = entries;
        _unknownId = unknownId;
        _scores = [.. entries.Select(entry => entry.Score)];
        _unknownScore = _scores.Min() - UnknownPenalty;
        _vocabulary = new Dictionary<string, int>(entries.Count, StringComparer.Ordinal);
        for (var id = 0; id < entries.Count; id++)
        {
            _vocabulary[entries[id].Token] = id;
        }

        _lookup = _vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = entries.Max(entry => entry.Token.Length);
        _bytes = byteFallback ? new ByteTokens(_vocabulary) : null;
        _trie = new CharacterTrie(_vocabulary);
    }

    public override int Count => _entries.Count;

    public override IEnumerable<KeyValuePair<string, int>> Entries => _entries.Select((entry, id) => KeyValuePair.Create(entry.Token, id));

    public override bool TryGetId(string token, out int id) => _vocabulary.TryGetValue(token, out id);

    public override void Encode(ReadOnlySpan<char> piece, Workspace workspace, TokenBuffer tokens, List<TokenPlace>? places)
    {
        if (places is not null || piece.Length > WordCache.MaxLength)
        {
            EncodeWord(piece, workspace.Path, tokens, places);
        }
        else if (!workspace.Words.TryGet(piece, tokens, out var hash))
        {
            var before = tokens.Count;
            EncodeWord(piece, workspace.Path, tokens, places);
            workspace.Words.Set(piece, hash, tokens[new TokenRange(before, tokens.Count - before, false)]);
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, UnigramPath path, TokenBuffer tokens, List<TokenPlace>? places)
    {
        var nodes = path.Clear(word.Length);
        Forward(word, nodes);

        // What is unknown in a row is one token.
        var found = path.Tokens;
        for (var stop = word.Length; stop > 0;)
        {
            var node = nodes[stop];
            var unknown = node.Id == _unknownId;
            if (unknown && found.Count > 0 && found[^1].Unknown)
            {
                found[^1] = found[^1] with { Start = node.Start };
            }
            else
            {
                found.Add((node.Start, stop, unknown));
            }

            stop = node.Start;
        }

        for (var i = found.Count - 1; i >= 0; i--)
        {
            var (start, stop, unknown) = found[i];
            var before = tokens.Count;
            Emit(word[start..stop], unknown ? -1 : nodes[stop].Id, tokens);
            for (var added = before; added < tokens.Count; added++)
            {
                places?.Add(new TokenPlace(start, stop));
            }
        }
    }

    private void Forward(ReadOnlySpan<char> word, Span<UnigramPath.Node> nodes)
    {
        for (var start = 0; start < word.Length;)
        {
            var soFar = nodes[start].Score;
            var single = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            var hasSingle = false;
            var node = CharacterTrie.Root;
            for (var stop = start; stop < word.Length;)
            {
                node = _trie.Next(node, word[stop++]);
                if (node == 0)
                {
                    break;
                }

                var id = _trie.IdAt(node);
                if (id >= 0)
                {
                    Offer(ref nodes[stop], start, id, _scores[id] + soFar);
                    hasSingle |= stop - start == single;
                }
            }

            if (!hasSingle)
            {
                Offer(ref nodes[start + single], start, _unknownId, _unknownScore + soFar);
            }

            start += single;
        }
    }

    private static void Offer(ref UnigramPath.Node node, int start, int id, double score)
    {
        if (node.Start < 0 || score > node.Score)
        {
            node = new UnigramPath.Node { Score = score, Start = start, Id = id };
        }
    }

    private void Emit(ReadOnlySpan<char> text, int id, TokenBuffer tokens)
    {
        if (id < 0 && !(text.Length <= _longest && _lookup.TryGetValue(text, out id)))
        {
            if (_bytes?.TryEncode(text, tokens) == true)
            {
                return;
            }

            id = _unknownId;
        }

        tokens.Add(id);
    }
}
