using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sutra.Api.Errors;
using Sutra.Api.Learning;
using Sutra.Contracts.Concepts;

namespace Sutra.Api.Documents;

/// <summary>Takes requests that bring documents apart: a body that is one, or a form with files.</summary>
internal sealed class DocumentReader(IOptions<DocumentOptions> options)
{
    private const int MaxName = 512;
    private const int MaxBoundary = 200;

    // So that the limit that is told is met before the server's own.
    private const long Slack = 1024 * 1024;

    /// <exception cref="ApiProblem">400, with all that is wrong with the parameters.</exception>
    public DocumentRequest Parameters(HttpRequest request)
    {
        var errors = new FieldErrors();
        var scope = RequestScope.Read(request, errors);
        var name = RequestScope.One(request, "name", errors);
        if (name is not null && (string.IsNullOrWhiteSpace(name) || ConceptLimits.Bytes(name) is not <= MaxName))
        {
            errors.Add("name", $"A name has 1 to {MaxName} bytes of UTF-8, and is not only white space.");
        }

        var documentId = RequestScope.One(request, "document_id", errors);
        if (documentId is not null && !IsDocumentId(documentId))
        {
            errors.Add("document_id", DocumentIdRule);
        }

        var chunk = Number(request, "chunk_tokens", 16, 8192, options.Value.ChunkTokens, errors);
        var overlap = Number(request, "overlap_tokens", 0, 4096, Math.Min(options.Value.OverlapTokens, (chunk - 1) / 2), errors);
        if (overlap * 2 >= chunk)
        {
            errors.Add("overlap_tokens", "It must be less than half of chunk_tokens.");
        }

        var metadata = Metadata(RequestScope.One(request, "metadata", errors), errors);
        errors.ThrowIfAny();
        return new DocumentRequest(scope.Collection, scope.Owner, name, documentId, chunk, overlap, metadata);
    }

    public const string DocumentIdRule = "A document id has 1 to 128 of A-Z, a-z, 0-9, - . _ and :";

    public static bool IsDocumentId(string id) => id.Length is >= 1 and <= 128 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or ':');

    /// <summary>The request's documents, one at a time, as they come.</summary>
    /// <exception cref="ApiProblem">400, 413 or 415.</exception>
    public async IAsyncEnumerable<DocumentUpload> ReadAsync(
        HttpRequest request, DocumentRequest asked, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (request.ContentLength > options.Value.MaxRequestBytes)
        {
            throw TooLarge("request", options.Value.MaxRequestBytes);
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.Value.MaxRequestBytes + Slack;
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var media))
        {
            throw ApiProblem.OfField(
                StatusCodes.Status415UnsupportedMediaType, ProblemCodes.UnsupportedMediaType, "Content-Type", "It must say what the document is.");
        }

        if (media.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            await foreach (var file in FilesAsync(request, media, asked, cancellation))
            {
                yield return file;
            }

            yield break;
        }

        RequireUtf8(media);
        var format = DocumentFormat.Of(media.MediaType.Value, asked.Name);
        var name = asked.Name ?? asked.DocumentId ?? throw ApiProblem.Invalid("name", "A document needs a name (or a document_id) in the query string.");
        yield return Upload(asked, name, format, await ReadAllAsync(request.Body, cancellation));
    }

    private async IAsyncEnumerable<DocumentUpload> FilesAsync(
        HttpRequest request,
        MediaTypeHeaderValue media,
        DocumentRequest asked,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var boundary = HeaderUtilities.RemoveQuotes(media.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundary)
        {
            throw ApiProblem.Invalid("Content-Type", $"multipart/form-data needs a boundary of at most {MaxBoundary} characters.");
        }

        var reader = new MultipartReader(boundary, request.Body) { HeadersLengthLimit = 16 * 1024, BodyLengthLimit = null };
        var count = 0;
        while (await NextAsync(reader, cancellation) is { } section)
        {
            var disposition = section.GetContentDispositionHeader();
            if (disposition is null || !disposition.IsFileDisposition())
            {
                throw ApiProblem.Invalid("body", "Each part of the form must be a file; everything else stands in the query string.");
            }

            count++;
            if (count > options.Value.MaxFiles)
            {
                throw ApiProblem.Invalid("body", $"A request has at most {options.Value.MaxFiles} files.");
            }

            if (count > 1 && (asked.DocumentId is not null || asked.Name is not null))
            {
                throw ApiProblem.Invalid(asked.Name is null ? "document_id" : "name", "With several files it cannot be said: each has its own name.");
            }

            var file = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value;
            var name = asked.Name ?? file;
            if (string.IsNullOrWhiteSpace(name) || ConceptLimits.Bytes(name) is not <= MaxName)
            {
                throw ApiProblem.Invalid("filename", $"A file's name has 1 to {MaxName} bytes of UTF-8, and is not only white space.");
            }

            _ = MediaTypeHeaderValue.TryParse(section.ContentType, out var type);
            RequireUtf8(type);
            var format = DocumentFormat.Of(type?.MediaType.Value, name);
            yield return Upload(asked, name, format, await ReadAllAsync(section.Body, cancellation));
        }

        if (count == 0)
        {
            throw ApiProblem.Invalid("body", "The form has no file.");
        }
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or IOException && e is not BadHttpRequestException)
        {
            throw ApiProblem.Invalid("body", "It is not multipart/form-data of the boundary that Content-Type names.");
        }
    }

    private async Task<byte[]> ReadAllAsync(Stream body, CancellationToken cancellation)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            int read;
            try
            {
                read = await body.ReadAsync(buffer, cancellation);
            }
            catch (Exception e) when (e is InvalidDataException or IOException && e is not BadHttpRequestException)
            {
                throw ApiProblem.Invalid("body", "It ends before it is whole.");
            }

            if (read == 0)
            {
                return all.ToArray();
            }

            if (all.Length + read > options.Value.MaxBytes)
            {
                throw TooLarge("document", options.Value.MaxBytes);
            }

            all.Write(buffer, 0, read);
        }
    }

    private static DocumentUpload Upload(DocumentRequest asked, string name, string format, byte[] source) =>
        new(asked.DocumentId ?? DocumentUpload.IdOf(asked.Collection, name), name, format, source);

    private static void RequireUtf8(MediaTypeHeaderValue? media)
    {
        if (media?.Charset is { HasValue: true } charset && !HeaderUtilities.RemoveQuotes(charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw ApiProblem.OfField(StatusCodes.Status415UnsupportedMediaType, ProblemCodes.UnsupportedMediaType, "Content-Type", "Text must be UTF-8.");
        }
    }

    private static int Number(HttpRequest request, string name, int least, int most, int otherwise, FieldErrors errors)
    {
        if (RequestScope.One(request, name, errors) is not { } text)
        {
            return otherwise;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        errors.Add(name, $"It must be a whole number, {least} to {most}.");
        return otherwise;
    }

    private static IReadOnlyDictionary<string, string> Metadata(string? json, FieldErrors errors)
    {
        Dictionary<string, string>? metadata = [];
        try
        {
            metadata = json is null ? [] : JsonSerializer.Deserialize(json, DocumentJson.Default.DictionaryStringString);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            metadata = null;
        }

        if (metadata is null)
        {
            errors.Add("metadata", "It must be a JSON object with strings as values.");
            return new Dictionary<string, string>(StringComparer.Ordinal);
        }

        LearnValidator.CheckMetadata(metadata, errors);
        if (metadata.Count > PieceMetadata.MaxAdded)
        {
            errors.Add("metadata", $"A document takes at most {PieceMetadata.MaxAdded} pairs beside its own.");
        }

        if (metadata.Keys.Any(PieceMetadata.IsOwn))
        {
            errors.Add("metadata", "source, document_id, section, chunk, chunks, offset and length are a document's own.");
        }

        return metadata;
    }

    private static ApiProblem TooLarge(string what, long most) => ApiProblem.OfField(
        StatusCodes.Status413PayloadTooLarge, ProblemCodes.BodyTooLarge, "body", $"The {what} is larger than {most} bytes.");
}
