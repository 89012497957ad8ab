namespace Sutra.Api.Documents.Parsing;

/// <summary>What stands under one heading, or one record of a table.</summary>
/// <param name="Section">The headings above it, outermost first.</param>
/// <param name="Text">Plain text.</param>
/// <param name="BlockEnds">Where in it paragraphs, list items and rows end, ascending: the best places to split it.</param>
/// <param name="Columns">Of a record, which is one piece whatever its length: its fields, by name.</param>
internal sealed record Passage(
    IReadOnlyList<string> Section,
    MappedText Text,
    int[] BlockEnds,
    IReadOnlyDictionary<string, string>? Columns = null);

/// <summary>A document cannot be read as what it is said to be.</summary>
/// <param name="rule">What it breaks; repeats nothing of it.</param>
internal sealed class UnreadableDocumentException(string rule) : Exception(rule);
