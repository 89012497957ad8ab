using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>Settings of a BPE model, as in tokenizer.json.</summary>
internal sealed record BpeSettings(
    string? UnknownToken,
    string? ContinuingPrefix,
    string? EndOfWordSuffix,
    bool FuseUnknown,
    bool ByteFallback,
    bool IgnoreMerges);

/// <summary>Byte pair encoding (Sennrich et al. 2016, https://aclanthology.org/P16-1162/), over characters or visible bytes.</summary>
internal sealed class BpeModel : TokenModel
{
    private const char Meta = '\u2581';

    private readonly BpeSettings _settings;
    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly MergeTable _merges;
    private readonly ByteTokens? _bytes;
    private readonly int[] _characters = new int[65536];
    private readonly int _unknownId = -1;
    private readonly int _longest;
    private readonly byte[] _prefixBytes;
    private readonly byte[] _suffixBytes;
    private readonly bool _splitsAtMeta;

    /// <exception cref="FormatException">The merges or the settings do not fit the vocabulary.</exception>
    public BpeModel(Dictionary<string, int> vocabulary, IReadOnlyList<(string Left, string Right)> merges, BpeSettings settings)
    {
        _settings = settings;
        _vocabulary = vocabulary;
        _lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = vocabulary.Keys.Select(key => key.Length).DefaultIfEmpty().Max();
        _prefixBytes = Encoding.UTF8.GetBytes(settings.ContinuingPrefix ?? "");
        _suffixBytes = Encoding.UTF8.GetBytes(settings.EndOfWordSuffix ?? "");
        _bytes = settings.ByteFallback ? new ByteTokens(vocabulary) : null;
        if (settings.UnknownToken is { } unknown && !vocabulary.TryGetValue(unknown, out _unknownId))
        {
            throw new FormatException($"its vocabulary lacks the unknown token {unknown}.");
        }

        for (var i = 0; i < _characters.Length; i++)
        {
            _characters[i] = char.IsSurrogate((char)i) || !_lookup.TryGetValue([(char)i], out var id) ? -1 : id;
        }

        _merges = new MergeTable(BpeMerges.Resolve(merges, vocabulary, settings.ContinuingPrefix ?? ""));
        _splitsAtMeta = !settings.IgnoreMerges && settings.ContinuingPrefix is null && settings.EndOfWordSuffix is null && _characters[Meta] >= 0
            && !merges.Any(merge => merge.Right.StartsWith(Meta) && !merge.Left.EndsWith(Meta));
    }

    public override int Count => _vocabulary.Count;

    public override IEnumerable<KeyValuePair<string, int>> Entries => _vocabulary;

    public override bool TryGetId(string token, out int id) => _vocabulary.TryGetValue(token, out id);

    public override void Encode(ReadOnlySpan<char> piece, Workspace workspace, TokenBuffer tokens, List<TokenPlace>? places)
    {
        if (!_splitsAtMeta)
        {
            EncodeWord(piece, 0, workspace, tokens, places);
            return;
        }

        // No merge joins a space's mark to what is before it: then words are independent, however long the piece.
        for (var start = 0; start < piece.Length;)
        {
            var stop = start + 1;
            while (stop < piece.Length && (piece[stop] != Meta || piece[stop - 1] == Meta))
            {
                stop++;
            }

            EncodeWord(piece[start..stop], start, workspace, tokens, places);
            start = stop;
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, int offset, Workspace workspace, TokenBuffer tokens, List<TokenPlace>? places)
    {
        var hash = 0U;
        var keeps = places is null && word.Length <= WordCache.MaxLength;
        if (keeps && workspace.Words.TryGet(word, tokens, out hash))
        {
            return;
        }

        var before = tokens.Count;
        if (_settings.IgnoreMerges && word.Length <= _longest && _lookup.TryGetValue(word, out var whole))
        {
            tokens.Add(whole);
            places?.Add(new TokenPlace(offset, offset + word.Length));
        }
        else
        {
            Merge(word, offset, workspace.Merges, tokens, places);
        }

        if (keeps)
        {
            workspace.Words.Set(word, hash, tokens[new TokenRange(before, tokens.Count - before, false)]);
        }
    }

    private void Merge(ReadOnlySpan<char> word, int offset, MergeQueue queue, TokenBuffer tokens, List<TokenPlace>? places)
    {
        queue.Clear();
        // What is unknown is held back until something known follows, or the word ends: so the reference has it, even
        // where tokens of bytes come in between.
        var (unknownStart, unknownStop) = (-1, -1);
        for (var i = 0; i < word.Length;)
        {
            Rune.DecodeFromUtf16(word[i..], out var rune, out var consumed);
            var (start, stop) = (offset + i, offset + i + consumed);
            var id = CharacterId(rune, i == 0, i + consumed == word.Length);
            i += consumed;
            if (id >= 0)
            {
                FlushUnknown();
                queue.Add(id, start, stop);
            }
            else if (_bytes is null || !AddBytes(rune, start, stop, i == consumed, i == word.Length, queue))
            {
                if (!_settings.FuseUnknown || unknownStart < 0)
                {
                    FlushUnknown();
                    unknownStart = start;
                }

                unknownStop = stop;
            }
        }

        FlushUnknown();
        queue.MergeAll(_merges);
        queue.Write(tokens, places);

        void FlushUnknown()
        {
            if (unknownStart >= 0 && _unknownId >= 0)
            {
                queue.Add(_unknownId, unknownStart, unknownStop);
            }

            unknownStart = -1;
        }
    }

    private int CharacterId(Rune rune, bool first, bool last)
    {
        var prefix = first ? null : _settings.ContinuingPrefix;
        var suffix = last ? _settings.EndOfWordSuffix : null;
        if (prefix is null && suffix is null)
        {
            if (rune.IsBmp)
            {
                return _characters[rune.Value];
            }

            Span<char> pair = stackalloc char[2];
            rune.EncodeToUtf16(pair);
            return _lookup.TryGetValue(pair, out var beyond) ? beyond : -1;
        }

        Span<char> text = stackalloc char[(prefix?.Length ?? 0) + 2 + (suffix?.Length ?? 0)];
        prefix.AsSpan().CopyTo(text);
        var length = prefix?.Length ?? 0;
        length += rune.EncodeToUtf16(text[length..]);
        suffix.AsSpan().CopyTo(text[length..]);
        return _lookup.TryGetValue(text[..(length + (suffix?.Length ?? 0))], out var id) ? id : -1;
    }

    private bool AddBytes(Rune rune, int start, int stop, bool first, bool last, MergeQueue queue)
    {
        Span<byte> bytes = stackalloc byte[4];
        var (prefix, suffix) = (first ? [] : _prefixBytes, last ? _suffixBytes : []);
        bytes = bytes[..rune.EncodeToUtf8(bytes)];
        if (!_bytes!.Has(prefix) || !_bytes.Has(bytes) || !_bytes.Has(suffix))
        {
            return false;
        }

        AddAll(prefix);
        AddAll(bytes);
        AddAll(suffix);
        return true;

        void AddAll(ReadOnlySpan<byte> values)
        {
            foreach (var value in values)
            {
                queue.Add(_bytes![value], start, stop);
            }
        }
    }
}
