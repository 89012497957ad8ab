namespace Sutra.Api.Documents;

/// <summary>A part of a document that becomes a concept.</summary>
/// <param name="Content">The headings above it on a line of their own, and its text.</param>
/// <param name="Section">The headings above it; null when there are none.</param>
/// <param name="Offset">Where in the source it begins, in UTF-16 units.</param>
/// <param name="Length">Of the part of the source that it stands for.</param>
/// <param name="Columns">Of a record: its fields.</param>
internal sealed record Piece(string Content, string? Section, int Offset, int Length, IReadOnlyDictionary<string, string>? Columns);
