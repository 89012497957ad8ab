using System.Globalization;
using Sutra.Contracts.Concepts;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Documents;

/// <summary>What a piece's metadata says of where it is from.</summary>
internal static class PieceMetadata
{
    public const string Source = "source";
    public const string DocumentId = "document_id";
    public const string Section = "section";
    public const string Chunk = "chunk";
    public const string Chunks = "chunks";
    public const string Offset = "offset";
    public const string Length = "length";

    private static readonly string[] s_own = [Source, DocumentId, Section, Chunk, Chunks, Offset, Length];

    /// <summary>Most pairs that a request may add.</summary>
    public static int MaxAdded => ConceptLimits.MetadataPairs - s_own.Length;

    public static bool IsOwn(string name) => Array.IndexOf(s_own, name) >= 0;

    /// <summary>A document's own pairs, then those of the request, then a record's columns, as long as there is room.</summary>
    public static Dictionary<string, string> Of(DocumentUpload document, Piece piece, int index, int count, IReadOnlyDictionary<string, string> added)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Source] = document.Name,
            [DocumentId] = document.DocumentId,
            [Chunk] = Text(index + 1),
            [Chunks] = Text(count),
            [Offset] = Text(piece.Offset),
            [Length] = Text(piece.Length),
        };
        if (piece.Section is { } section)
        {
            metadata[Section] = Fitting(section);
        }

        foreach (var (name, value) in added)
        {
            metadata[name] = value;
        }

        foreach (var (name, value) in piece.Columns ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            if (metadata.Count < ConceptLimits.MetadataPairs
                && ConceptLimits.Bytes(name) is > 0 and <= ConceptLimits.MetadataKey
                && ConceptLimits.Bytes(value) <= ConceptLimits.MetadataValue)
            {
                metadata.TryAdd(name, value);
            }
        }

        return metadata;
    }

    public static int ChunkOf(Concept piece) => Number(piece, Chunk);

    public static int Number(Concept piece, string name) =>
        piece.Metadata.TryGetValue(name, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Fitting(string section)
    {
        const int Characters = ConceptLimits.MetadataValue / 4;
        return section.Length <= Characters ? section : section[..(Characters - (char.IsHighSurrogate(section[Characters - 1]) ? 1 : 0))];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
