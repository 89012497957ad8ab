using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sutra.Client.Http;
using Sutra.Contracts.Api;

namespace Sutra.Client;

// Texts that are learned in pieces.
public sealed partial class SutraClient
{
    /// <summary>Learns a document in pieces.</summary>
    /// <param name="mediaType"><c>text/plain</c>, <c>text/markdown</c>, <c>text/html</c>, <c>text/csv</c> or <c>application/json</c>.</param>
    public Task<DocumentResponse> LearnDocumentAsync(string text, string mediaType, LearnDocumentOptions? options = null, CancellationToken cancellation = default) =>
        LearnDocumentAsync(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), mediaType, options, mayRepeat: true, cancellation);

    /// <summary>Learns a document in pieces; sent as it is read, and not tried again.</summary>
    /// <param name="mediaType">As of a text, in UTF-8, or that of DOCX.</param>
    public Task<DocumentResponse> LearnDocumentAsync(Stream content, string mediaType, LearnDocumentOptions? options = null, CancellationToken cancellation = default) =>
        LearnDocumentAsync(new StreamContent(content), mediaType, options, mayRepeat: false, cancellation);

    /// <summary>A document's pieces.</summary>
    public Task<DocumentDescription> GetDocumentAsync(string id, string? collection = null, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Get, Document(id, collection)), ApiJson.Default.DocumentDescription, cancellation);

    /// <summary>Deletes a document's pieces.</summary>
    public Task DeleteDocumentAsync(string id, string? collection = null, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Delete, Document(id, collection)), cancellation);

    private async Task<DocumentResponse> LearnDocumentAsync(
        HttpContent content, string mediaType, LearnDocumentOptions? options, bool mayRepeat, CancellationToken cancellation)
    {
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        var path = "api/documents".With(
            ("name", options?.Name),
            ("document_id", options?.DocumentId),
            ("collection", options?.Collection),
            ("owner", options?.Owner),
            ("metadata", options?.Metadata is { } metadata ? JsonSerializer.Serialize(metadata, ClientJson.Default.IReadOnlyDictionaryStringString) : null),
            ("chunk_tokens", options?.ChunkTokens),
            ("overlap_tokens", options?.OverlapTokens));
        var call = new Call(HttpMethod.Post, path, content) { MayRepeat = mayRepeat, IdempotencyKey = mayRepeat ? NewKey() : null };
        return (await _http.SendAsync(call, ApiJson.Default.DocumentsResponse, cancellation).ConfigureAwait(false)).Documents[0];
    }

    private static string Document(string id, string? collection) => $"api/documents/{Segment(id)}".With(("collection", collection));
}
