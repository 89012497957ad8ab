using System.Text;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>Merges as a file lists them, and as ids.</summary>
internal static class BpeMerges
{
    /// <exception cref="FormatException">A merge names a token, or makes one, that the vocabulary lacks.</exception>
    public static Dictionary<(int Left, int Right), (int Rank, int Id)> Resolve(
        IReadOnlyList<(string Left, string Right)> merges,
        Dictionary<string, int> vocabulary,
        string continuingPrefix)
    {
        // The reference drops as many bytes as the prefix has from the right token, whatever they are.
        var dropped = Encoding.UTF8.GetByteCount(continuingPrefix);
        var resolved = new Dictionary<(int, int), (int, int)>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            var made = left + Drop(right, dropped);
            if (!vocabulary.TryGetValue(left, out var leftId)
                || !vocabulary.TryGetValue(right, out var rightId)
                || !vocabulary.TryGetValue(made, out var id))
            {
                throw new FormatException($"its merge {rank + 1}, '{left}' and '{right}', names or makes a token that its vocabulary lacks.");
            }

            resolved[(leftId, rightId)] = (rank, id);
        }

        return resolved;

        string Drop(string text, int count)
        {
            if (count == 0)
            {
                return text;
            }

            var bytes = Encoding.UTF8.GetBytes(text);
            return bytes.Length >= count && (bytes.Length == count || (bytes[count] & 0xC0) != 0x80)
                ? Encoding.UTF8.GetString(bytes.AsSpan(count))
                : throw new FormatException($"a merge's right token '{text}' is shorter than the prefix of continuing tokens.");
        }
    }
}
