using Sutra.Client.Http;
using Sutra.Contracts.Api;

namespace Sutra.Client;

// Learning, and what was learned.
public sealed partial class SutraClient
{
    /// <summary>Learns one concept: durable and searchable when it returns. The same content again is the same concept.</summary>
    /// <param name="idempotencyKey">One of your own, to be able to repeat the call over restarts; by default each call has a new one, which its retries share.</param>
    public Task<LearnResponse> LearnAsync(LearnRequest request, string? idempotencyKey = null, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Post, "api/learn", Transport.Json(request, ApiJson.Default.LearnRequest)) { MayRepeat = true, IdempotencyKey = idempotencyKey ?? NewKey() },
            ApiJson.Default.LearnResponse,
            cancellation);

    /// <inheritdoc cref="LearnAsync(LearnRequest, string, CancellationToken)"/>
    public Task<LearnResponse> LearnAsync(string content, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellation = default) =>
        LearnAsync(new LearnRequest(content, metadata), cancellation: cancellation);

    /// <summary>Learns many concepts, sent as they come; each has a result of its own, in their order. Not tried again, as what comes cannot be told twice.</summary>
    /// <param name="items">At most 100,000, unless the server says otherwise.</param>
    public IAsyncEnumerable<LearnBatchResult> LearnManyAsync(
        IAsyncEnumerable<LearnBatchItem> items, string? collection = null, string? owner = null, CancellationToken cancellation = default) =>
        _http.LinesAsync(
            new Call(HttpMethod.Post, "api/learn/batch".With(("collection", collection), ("owner", owner)), new LinesContent<LearnBatchItem>(items, ApiJson.Default.LearnBatchItem, cancellation)),
            ApiJson.Default.LearnBatchResult,
            isUpload: true,
            cancellation);

    /// <summary>As <see cref="LearnManyAsync(IAsyncEnumerable{LearnBatchItem}, string, string, CancellationToken)"/>, and tried again, under an idempotency key.</summary>
    public IAsyncEnumerable<LearnBatchResult> LearnManyAsync(
        IReadOnlyCollection<LearnBatchItem> items, string? collection = null, string? owner = null, CancellationToken cancellation = default) =>
        _http.LinesAsync(
            new Call(
                HttpMethod.Post,
                "api/learn/batch".With(("collection", collection), ("owner", owner)),
                new LinesContent<LearnBatchItem>(items.ToAsyncEnumerable(), ApiJson.Default.LearnBatchItem, cancellation))
            {
                MayRepeat = true,
                IdempotencyKey = NewKey(),
            },
            ApiJson.Default.LearnBatchResult,
            isUpload: true,
            cancellation);

    /// <summary>A concept as it was learned.</summary>
    public Task<ConceptResponse> GetConceptAsync(string id, string? collection = null, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Get, Concept(id, collection)), ApiJson.Default.ConceptResponse, cancellation);

    /// <summary>Puts something else in a concept's place, under its id.</summary>
    public Task<LearnResponse> ReplaceConceptAsync(string id, LearnRequest request, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Put, Concept(id, collection: null), Transport.Json(request, ApiJson.Default.LearnRequest)), ApiJson.Default.LearnResponse, cancellation);

    /// <summary>Puts metadata over what there is; null removes a pair.</summary>
    public Task PatchConceptAsync(string id, IReadOnlyDictionary<string, string?> metadata, string? collection = null, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Patch, Concept(id, collection), Transport.Json(new ConceptPatch(metadata), ApiJson.Default.ConceptPatch)), cancellation);

    /// <summary>Deletes a concept. One that is tried again may not be there any more: 404.</summary>
    public Task DeleteConceptAsync(string id, string? collection = null, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Delete, Concept(id, collection)), cancellation);

    private static string Concept(string id, string? collection) => $"api/concepts/{Segment(id)}".With(("collection", collection));
}
