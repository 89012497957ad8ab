using System.Text;
using Sutra.Api.Documents.Parsing;
using Sutra.Api.Errors;
using Sutra.Contracts.Concepts;

namespace Sutra.Api.Documents;

/// <summary>What can be read, by media type or by the end of a file's name.</summary>
internal static class DocumentFormat
{
    public const string Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    private static readonly Dictionary<string, string> s_byEnding = new(StringComparer.OrdinalIgnoreCase)
    {
        [".txt"] = "text/plain",
        [".md"] = "text/markdown",
        [".markdown"] = "text/markdown",
        [".html"] = "text/html",
        [".htm"] = "text/html",
        [".csv"] = "text/csv",
        [".json"] = "application/json",
        [".docx"] = Docx,
        [".pdf"] = "application/pdf",
    };

    /// <param name="mediaType">As it was sent, without parameters; null or a general one leaves it to the name.</param>
    /// <exception cref="ApiProblem">415.</exception>
    public static string Of(string? mediaType, string? name) => mediaType?.ToLowerInvariant() switch
    {
        "text/plain" or null or "" or "application/octet-stream" when name is not null && s_byEnding.TryGetValue(Path.GetExtension(name), out var known) => Known(known),
        { } given => Known(given),
        null => throw Unsupported(),
    };

    /// <exception cref="UnreadableDocumentException">It is not what it is said to be.</exception>
    public static IReadOnlyList<Passage> Parse(string mediaType, byte[] source, DocumentOptions options) => mediaType switch
    {
        Docx => DocxParser.Parse(source, options.MaxInflatedBytes),
        "text/markdown" => MarkdownParser.Parse(Text(source)),
        "text/html" => HtmlParser.Parse(Text(source)),
        "text/csv" => CsvParser.Parse(Text(source)),
        "application/json" => JsonParser.Parse(Text(source)),
        _ => TextParser.Parse(Text(source)),
    };

    private static string Known(string mediaType) => mediaType switch
    {
        "text/plain" or "text/markdown" or "text/html" or "text/csv" or "application/json" or Docx => mediaType,
        "application/pdf" => throw Unsupported("PDF is not read: send its text, Markdown, HTML or DOCX instead."),
        _ => throw Unsupported(),
    };

    private static ApiProblem Unsupported(string rule = "A document is text/plain, text/markdown, text/html, text/csv, application/json or DOCX; several are multipart/form-data.") =>
        ApiProblem.OfField(StatusCodes.Status415UnsupportedMediaType, ProblemCodes.UnsupportedMediaType, "Content-Type", rule);

    private static string Text(byte[] source)
    {
        try
        {
            ReadOnlySpan<byte> text = source;
            return ConceptLimits.StrictUtf8.GetString(text.StartsWith("\uFEFF"u8) ? text[3..] : text);
        }
        catch (DecoderFallbackException)
        {
            throw new UnreadableDocumentException("It is not valid UTF-8.");
        }
    }
}
