using Sutra.Embedder.Tokenization.Decoding;
using Sutra.Embedder.Tokenization.Normalization;
using Sutra.Embedder.Tokenization.PostProcessing;
using Sutra.Embedder.Tokenization.Splitting;
using Sutra.Embedder.Tokenization.Text;
using Sutra.Embedder.Tokenization.Vocabularies;

namespace Sutra.Embedder.Tokenization;

/// <summary>The parts of a tokenizer, as a file describes them.</summary>
/// <param name="Names">Tokens by id.</param>
/// <param name="TrimsPlaces">Tokens' places go without spaces: true where the first token's one space was put there, false where not; null: they keep them.</param>
internal sealed record TokenizerParts(
    Normalizer? Normalizer,
    Splitter? Splitter,
    TokenModel Model,
    SpecialFrame Frame,
    Decoder? Decoder,
    IReadOnlyList<AddedToken> AddedTokens,
    string?[] Names,
    bool? TrimsPlaces);

/// <summary>A tokenizer made of parts: added tokens are taken out, text is normalised, split, and its pieces looked up.</summary>
internal sealed class PipelineTokenizer : TextTokenizer
{
    private readonly TokenizerParts _parts;
    private readonly AddedTokens _raw;
    private readonly AddedTokens _normalised;
    private readonly HashSet<int> _special;
    private readonly WorkspacePool _workspaces = new();

    // A normaliser moves text about; without one a piece's place is its place in the text.
    private readonly bool _tracks;

    /// <exception cref="FormatException">An added token is nothing once normalised.</exception>
    public PipelineTokenizer(TokenizerParts parts)
    {
        _parts = parts;
        _tracks = parts.Splitter?.NeedsOrigins == true && (parts.Normalizer is not null || parts.Splitter is SplitterSequence);
        _special = [.. parts.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
        // Special ones first: of two that look the same, the reference takes the earlier.
        var ordered = parts.AddedTokens.OrderBy(token => !token.Special).ToList();
        _raw = new AddedTokens(ordered.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalised = new AddedTokens(ordered.Where(token => token.Normalized).Select(token => (Normalise(token.Content), token)));
    }

    public override int VocabularySize => _parts.Names.Length;

    public override int SpecialTokens => _parts.Frame.Count;

    public override TokenRange Encode(
        ReadOnlySpan<char> text,
        int maxTokens,
        TokenBuffer tokens,
        TruncationSide side = TruncationSide.Right,
        bool addSpecialTokens = true)
    {
        var start = tokens.Count;
        var room = _parts.Frame.Open(maxTokens, tokens, addSpecialTokens);
        var workspace = _workspaces.Rent();
        Encode(text, side == TruncationSide.Right ? tokens.Count + room : int.MaxValue, workspace, tokens, null);
        _workspaces.Return(workspace);
        return _parts.Frame.Close(start, room, tokens, side, addSpecialTokens);
    }

    public override TokenRange Encode(ReadOnlySpan<int> ids, int maxTokens, TokenBuffer tokens, TruncationSide side = TruncationSide.Right) =>
        _parts.Frame.Encode(ids, maxTokens, tokens, side);

    public override IReadOnlyList<Token> Tokenize(string text, bool addSpecialTokens = true)
    {
        using var ids = new TokenBuffer();
        var places = new List<TokenPlace>();
        var workspace = _workspaces.Rent();
        Encode(text, int.MaxValue, workspace, ids, places);
        _workspaces.Return(workspace);

        var tokens = new List<Token>(ids.Count + SpecialTokens);
        tokens.AddRange(addSpecialTokens ? _parts.Frame.Prefix.Select(FromTemplate) : []);
        for (var i = 0; i < ids.Count; i++)
        {
            var id = ids[new TokenRange(i, 1, false)][0];
            var name = _parts.Names[id] ?? "";
            var place = _parts.TrimsPlaces is { } prefixed ? Trim(places[i], name, prefixed && (i == 0 || places[i].Start == 0)) : places[i];
            tokens.Add(new Token(id, name, _special.Contains(id), place.Start, place.Stop));
        }

        tokens.AddRange(addSpecialTokens ? _parts.Frame.Suffix.Select(FromTemplate) : []);
        return tokens;
    }

    public override string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var parts = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if ((uint)id < (uint)_parts.Names.Length && _parts.Names[id] is { } name && !(skipSpecialTokens && _special.Contains(id)))
            {
                parts.Add(name);
            }
        }

        return _parts.Decoder is null ? string.Join(' ', parts) : string.Concat(parts.Count == 0 ? parts : _parts.Decoder.Decode(parts));
    }

    private Token FromTemplate(int id) => new(id, _parts.Names[id] ?? "", true, 0, 0);

    // As the reference does: a token's place is without the spaces that it shows.
    private static TokenPlace Trim(TokenPlace place, string name, bool mayHavePrefix)
    {
        var leading = name.TakeWhile(IsSpace).Count();
        var trailing = name.Reverse().TakeWhile(IsSpace).Count();
        var start = Math.Min(place.Start + (mayHavePrefix && leading == 1 ? 0 : leading), place.Stop);
        return new TokenPlace(start, trailing == name.Length ? start : Math.Max(place.Stop - trailing, start));

        static bool IsSpace(char character) => character == ByteAlphabet.ToCharacter((byte)' ') || char.IsWhiteSpace(character);
    }

    private void Encode(ReadOnlySpan<char> text, int limit, Workspace workspace, TokenBuffer tokens, List<TokenPlace>? places)
    {
        var tracks = _tracks || places is not null;
        for (int from = 0, taken = 0; tokens.Count <= limit;)
        {
            var found = _raw.TryFind(text, from, taken, out var match);
            var stop = found ? match.Start : text.Length;
            if (taken < stop)
            {
                workspace.Text.Take(text[taken..stop], taken, tracks);
                EncodeSegment(limit, workspace, tokens, places);
            }

            if (!found)
            {
                break;
            }

            tokens.Add(match.Token.Id);
            places?.Add(new TokenPlace(match.Start, match.Stop));
            (from, taken) = (match.Next, match.Stop);
        }
    }

    private void EncodeSegment(int limit, Workspace workspace, TokenBuffer tokens, List<TokenPlace>? places)
    {
        _parts.Normalizer?.Normalise(workspace);
        FindNormalised(workspace);
        _parts.Splitter?.Split(workspace);

        var (text, pieces) = (workspace.Text, workspace.Pieces);
        for (var i = 0; i < pieces.Count && tokens.Count <= limit; i++)
        {
            var piece = pieces[i];
            var first = places?.Count ?? 0;
            if (piece.Id >= 0)
            {
                tokens.Add(piece.Id);
                places?.Add(new TokenPlace(0, piece.Stop - piece.Start));
            }
            else
            {
                _parts.Model.Encode(text.Chars[piece.Start..piece.Stop], workspace, tokens, places);
            }

            for (var p = first; p < places?.Count; p++)
            {
                var (start, stop) = (piece.Start + places[p].Start, piece.Start + places[p].Stop);
                places[p] = new TokenPlace(text.StartOf(start), text.StopOf(stop - 1));
            }
        }
    }

    private void FindNormalised(Workspace workspace)
    {
        var text = workspace.Text.Chars;
        var pieces = workspace.Pieces;
        pieces.Clear();
        var (from, taken) = (0, 0);
        while (_normalised.TryFind(text, from, taken, out var match))
        {
            if (taken < match.Start)
            {
                pieces.Add(taken, match.Start);
            }

            pieces.Add(match.Start, match.Stop, match.Token.Id);
            (from, taken) = (match.Next, match.Stop);
        }

        if (taken < text.Length)
        {
            pieces.Add(taken, text.Length);
        }
    }

    private string Normalise(string content)
    {
        var workspace = new Workspace();
        workspace.Text.Take(content, 0, tracks: false);
        _parts.Normalizer?.Normalise(workspace);
        return workspace.Text.Length > 0
            ? workspace.Text.Chars.ToString()
            : throw new FormatException($"its added token {content} is nothing once normalised.");
    }
}
