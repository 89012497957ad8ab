using Sutra.Api.Documents;

namespace Sutra.Api.Querying;

/// <summary>Where in a document a text stands, as its metadata say (<see cref="PieceMetadata"/>).</summary>
/// <param name="Document">Which document.</param>
/// <param name="Path">The headings above it, outermost first, with <c> > </c> between.</param>
internal readonly record struct Section(string Document, string Path)
{
    private const string Separator = " > ";

    /// <summary>The nearest heading above it.</summary>
    public string Heading => Path[(Path.LastIndexOf(Separator, StringComparison.Ordinal) is var at and >= 0 ? at + Separator.Length : 0)..];

    /// <returns>Null: it stands under no heading of a document.</returns>
    public static Section? Of(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(PieceMetadata.DocumentId, out var document) && metadata.TryGetValue(PieceMetadata.Section, out var path) && path.Length > 0
            ? new Section(document, path)
            : null;
}
