using System.Runtime.CompilerServices;
using Sutra.Client.Http;
using Sutra.Contracts.Api;

namespace Sutra.Client;

// What lies in which body of concepts.
public sealed partial class SutraClient
{
    /// <summary>Makes a collection. Not tried again: a second try would find the first one's work and call it a conflict.</summary>
    public Task<CollectionResponse> CreateCollectionAsync(CreateCollectionRequest request, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Post, "api/collections", Transport.Json(request, ApiJson.Default.CreateCollectionRequest)), ApiJson.Default.CollectionResponse, cancellation);

    /// <summary>All, sorted by name.</summary>
    public async Task<IReadOnlyList<CollectionResponse>> ListCollectionsAsync(CancellationToken cancellation = default) =>
        (await _http.SendAsync(new Call(HttpMethod.Get, "api/collections"), ApiJson.Default.CollectionsResponse, cancellation).ConfigureAwait(false)).Collections;

    /// <summary>One, with statistics by part.</summary>
    /// <param name="name">Or an alias.</param>
    public Task<CollectionDetailResponse> GetCollectionAsync(string name, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Get, Collection(name)), ApiJson.Default.CollectionDetailResponse, cancellation);

    /// <summary>Changes what may be changed; what is left out stays.</summary>
    public Task<CollectionResponse> UpdateCollectionAsync(string name, UpdateCollectionRequest request, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Patch, Collection(name), Transport.Json(request, ApiJson.Default.UpdateCollectionRequest)), ApiJson.Default.CollectionResponse, cancellation);

    /// <summary>With all its concepts.</summary>
    public Task DeleteCollectionAsync(string name, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Delete, Collection(name)), cancellation);

    /// <summary>What metadata there is.</summary>
    /// <param name="maxValues">Values are listed of a field that has at most so many different ones, 1 to 10,000; default 100.</param>
    public Task<CollectionFieldsResponse> GetCollectionFieldsAsync(string name, int? maxValues = null, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Get, $"{Collection(name)}/fields".With(("max_values", maxValues))), ApiJson.Default.CollectionFieldsResponse, cancellation);

    /// <summary>All concepts of a collection, as of one moment, as they arrive. An <see cref="IOException"/> in the middle: it was cut off, and is not whole.</summary>
    /// <param name="embeddings">Also their embeddings.</param>
    public IAsyncEnumerable<ConceptLine> ExportAsync(string collection, bool embeddings = false, CancellationToken cancellation = default) =>
        _http.LinesAsync(
            new Call(HttpMethod.Get, $"{Collection(collection)}/export".With(("embeddings", embeddings))), ApiJson.Default.ConceptLine, isUpload: false, cancellation);

    /// <summary>Learns lines of an export, or of one's own making, sent as they come: what is wrong with a line, and at the end the summary. It is done as the result is read.</summary>
    public async IAsyncEnumerable<ImportLine> ImportAsync(
        string collection, IAsyncEnumerable<ConceptLine> lines, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var call = new Call(HttpMethod.Post, $"{Collection(collection)}/import", new LinesContent<ConceptLine>(lines, ApiJson.Default.ConceptLine, cancellation));
        var complete = false;
        await foreach (var line in _http.LinesAsync(call, ApiJson.Default.ImportLine, isUpload: true, cancellation).ConfigureAwait(false))
        {
            complete |= line.Summary is not null;
            yield return line;
        }

        if (!complete)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The import was cut off.");
        }
    }

    /// <summary>Makes another name mean a collection, from whichever it meant before, in one step.</summary>
    public Task<CollectionResponse> SetAliasAsync(string alias, string collection, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Put, $"api/aliases/{Segment(alias)}", Transport.Json(new SetAliasRequest(collection), ApiJson.Default.SetAliasRequest)),
            ApiJson.Default.CollectionResponse,
            cancellation);

    public Task DeleteAliasAsync(string alias, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Delete, $"api/aliases/{Segment(alias)}"), cancellation);

    /// <summary>Takes a collection over to another model, online: <see cref="GetReembeddingAsync"/> tells how far it is. Not tried again.</summary>
    public Task<ReembeddingResponse> ReembedAsync(string collection, string model, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Post, $"{Collection(collection)}/reembed", Transport.Json(new ReembedRequest(model), ApiJson.Default.ReembedRequest)),
            ApiJson.Default.ReembeddingResponse,
            cancellation);

    /// <summary>Those that are not completed.</summary>
    public async Task<IReadOnlyList<ReembeddingResponse>> ListReembeddingsAsync(CancellationToken cancellation = default) =>
        (await _http.SendAsync(new Call(HttpMethod.Get, "api/reembeddings"), ApiJson.Default.ReembeddingsResponse, cancellation).ConfigureAwait(false)).Reembeddings;

    public Task<ReembeddingResponse> GetReembeddingAsync(string id, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Get, $"api/reembeddings/{Segment(id)}"), ApiJson.Default.ReembeddingResponse, cancellation);

    public Task CancelReembeddingAsync(string id, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Delete, $"api/reembeddings/{Segment(id)}"), cancellation);

    private static string Collection(string name) => $"api/collections/{Segment(name)}";
}
