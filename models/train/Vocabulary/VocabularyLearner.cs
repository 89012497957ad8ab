using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Sutra.Models.Train.Vocabulary;

/// <summary>
/// Learns a WordPiece vocabulary from word counts: fixed pieces, the characters seen, then byte-pair merges, most frequent first.
/// The same counts give the same vocabulary, in whatever order they come.
/// </summary>
public static class VocabularyLearner
{
    /// <param name="size">Number of pieces wanted, 4,000 to 65,535; fewer come out when the words run out of merges.</param>
    /// <param name="minimumCount">Rarer words (and characters) teach nothing; default 4.</param>
    public static PieceVocabulary Learn(IReadOnlyDictionary<string, long> wordCounts, int size, int minimumCount = 4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 4000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, ushort.MaxValue);

        var parts = CountParts(wordCounts, minimumCount);
        var pieces = new PieceList();
        pieces.Add(PieceVocabulary.Padding);
        pieces.Add(PieceVocabulary.Unknown);
        pieces.AddAll(FixedPieces.Characters());
        pieces.AddAll(FixedPieces.ContinuingCharacters());
        pieces.AddAll(FixedPieces.Numbers());
        pieces.AddAll(SeenCharacters(parts));

        new PairMerger(pieces, parts).MergeUntil(size);
        return new PieceVocabulary(pieces.Pieces);
    }

    /// <summary>
    /// Words fall apart where digits and letters meet, because numbers have pieces of their own: "utf8" teaches "utf", "8bit" teaches "##bit".
    /// </summary>
    private static List<WordPart> CountParts(IReadOnlyDictionary<string, long> wordCounts, int minimumCount)
    {
        var counts = new Dictionary<WordPart, long>();
        foreach (var (word, count) in wordCounts)
        {
            if (count < minimumCount || word.Length > PieceVocabulary.MaximumWordLength)
            {
                continue;
            }

            var start = 0;
            for (var end = 1; end <= word.Length; end++)
            {
                if (end < word.Length && char.IsAsciiDigit(word[end]) == char.IsAsciiDigit(word[start]))
                {
                    continue;
                }

                if (!char.IsAsciiDigit(word[start]))
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, new WordPart(word[start..end], start > 0), out _) += count;
                }

                start = end;
            }
        }

        return [.. counts.Select(c => c.Key with { Count = c.Value })
            .OrderByDescending(p => p.Count).ThenBy(p => p.Text, StringComparer.Ordinal).ThenBy(p => p.Continues)];
    }

    private static IEnumerable<string> SeenCharacters(IEnumerable<WordPart> parts)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var first = !part.Continues;
            foreach (var rune in part.Text.EnumerateRunes())
            {
                seen.Add(first ? rune.ToString() : string.Create(CultureInfo.InvariantCulture, $"{PieceVocabulary.ContinuationPrefix}{rune}"));
                first = false;
            }
        }

        return seen;
    }
}

/// <summary>A word or the part of one between digits.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WordPart(string Text, bool Continues)
{
    public long Count { get; init; }
}

/// <summary>Pieces in the order of their ids, each once.</summary>
internal sealed class PieceList
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    public List<string> Pieces { get; } = [];

    public int Count => Pieces.Count;

    public int Add(string piece)
    {
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, piece, out var known);
        if (!known)
        {
            id = Pieces.Count;
            Pieces.Add(piece);
        }

        return id;
    }

    public void AddAll(IEnumerable<string> pieces)
    {
        foreach (var piece in pieces)
        {
            Add(piece);
        }
    }

    public int IdOf(string piece) => _ids[piece];
}
