namespace Sutra.Models.Train.Vocabulary;

/// <summary>
/// A WordPiece vocabulary: the id of a piece is its place. Pieces that continue a word start with <c>##</c>. Immutable, thread-safe.
/// </summary>
public sealed class PieceVocabulary
{
    public const int PaddingId = 0;
    public const int UnknownId = 1;
    public const string Padding = "[PAD]";
    public const string Unknown = "[UNK]";
    public const string ContinuationPrefix = "##";

    /// <summary>Words of more characters (Unicode scalars) are unknown as a whole, as WordPiece has it.</summary>
    public const int MaximumWordLength = 100;

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _initial;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuing;
    private readonly int _longest;

    /// <exception cref="ArgumentException">The first two pieces are not padding and unknown, or a piece comes twice.</exception>
    public PieceVocabulary(IReadOnlyList<string> pieces)
    {
        if (pieces is not [Padding, Unknown, ..])
        {
            throw new ArgumentException($"A vocabulary starts with {Padding}, {Unknown}.", nameof(pieces));
        }

        Pieces = pieces;
        var initial = new Dictionary<string, int>(StringComparer.Ordinal);
        var continuing = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = UnknownId + 1; id < pieces.Count; id++)
        {
            var continues = pieces[id].StartsWith(ContinuationPrefix, StringComparison.Ordinal) && pieces[id].Length > ContinuationPrefix.Length;
            var text = continues ? pieces[id][ContinuationPrefix.Length..] : pieces[id];
            (continues ? continuing : initial).Add(text, id);
            _longest = Math.Max(_longest, text.Length);
        }

        _initial = initial.GetAlternateLookup<ReadOnlySpan<char>>();
        _continuing = continuing.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyList<string> Pieces { get; }

    public int Count => Pieces.Count;

    /// <returns>The id of a piece that starts a word; −1 when there is none.</returns>
    public int IdOf(string word) => _initial.TryGetValue(word, out var id) ? id : -1;

    /// <summary>The piece is digits, whether it starts a word or continues one.</summary>
    public bool IsNumber(int id)
    {
        var text = Pieces[id].AsSpan();
        var digits = text.StartsWith(ContinuationPrefix, StringComparison.Ordinal) ? text[ContinuationPrefix.Length..] : text;
        return digits.Length > 0 && digits.IndexOfAnyExceptInRange('0', '9') < 0;
    }

    /// <summary>Appends the ids of a word's pieces, greedily the longest first; one <see cref="UnknownId"/> when a character is unknown.</summary>
    public void Encode(ReadOnlySpan<char> word, List<ushort> ids)
    {
        var before = ids.Count;
        if (word.Length <= MaximumWordLength || CountCharacters(word) <= MaximumWordLength)
        {
            var start = 0;
            while (start < word.Length && TryMatch(word, start, out var id, out var length))
            {
                ids.Add((ushort)id);
                start += length;
            }

            if (start == word.Length)
            {
                return;
            }

            ids.RemoveRange(before, ids.Count - before);
        }

        ids.Add(UnknownId);
    }

    private static int CountCharacters(ReadOnlySpan<char> word)
    {
        var count = 0;
        foreach (var _ in word.EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    private bool TryMatch(ReadOnlySpan<char> word, int start, out int id, out int length)
    {
        var pieces = start == 0 ? _initial : _continuing;
        for (length = Math.Min(_longest, word.Length - start); length > 0; length--)
        {
            if (pieces.TryGetValue(word.Slice(start, length), out id))
            {
                return true;
            }
        }

        id = UnknownId;
        return false;
    }
}
