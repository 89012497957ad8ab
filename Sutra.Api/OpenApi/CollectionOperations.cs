using Sutra.Contracts.Api;

namespace Sutra.Api.OpenApi;

/// <summary>Collections, aliases, and going over to another model.</summary>
internal static class CollectionOperations
{
    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        new("createCollection", "POST", "/api/collections", "Makes a collection.", 201)
        {
            Body = ApiContent.JsonOf<CreateCollectionRequest>(),
            Example = """{"name":"notes","language":"English","time_to_live_seconds":2592000,"expiry":[{"key":"kind","value":"draft","after_seconds":86400}]}""",
            Answer = ApiContent.JsonOf<CollectionResponse>(),
            Problems = [409],
        },
        new("listCollections", "GET", "/api/collections", "All collections, by name.") { Answer = ApiContent.JsonOf<CollectionsResponse>() },
        new("getCollection", "GET", "/api/collections/{name}", "A collection, by name or alias, with statistics.") { Answer = ApiContent.JsonOf<CollectionDetailResponse>() },
        new("updateCollection", "PATCH", "/api/collections/{name}", "Changes what may be changed of a collection.")
        {
            Body = ApiContent.JsonOf<UpdateCollectionRequest>(),
            Example = """{"ef_search":200,"time_to_live_seconds":0}""",
            Answer = ApiContent.JsonOf<CollectionResponse>(),
            Problems = [409],
        },
        new("deleteCollection", "DELETE", "/api/collections/{name}", "Deletes a collection with all its concepts.", 204) { Problems = [409] },
        new("getCollectionFields", "GET", "/api/collections/{name}/fields", "What metadata there is.")
        {
            Answer = ApiContent.JsonOf<CollectionFieldsResponse>(),
            Parameters = [new ApiParameter("max_values", typeof(int), "Values are listed of a field that has at most so many different ones, 1 to 10,000; default 100.")],
        },
        new("exportCollection", "GET", "/api/collections/{name}/export", "All concepts of a collection as lines, as of one moment.")
        {
            Answer = ApiContent.LinesOf<ConceptLine>(),
            Parameters = [new ApiParameter("embeddings", typeof(bool), "With embeddings; default false.")],
        },
        new("importCollection", "POST", "/api/collections/{name}/import", "Learns the lines of an export, of any number.")
        {
            Description = "The answer has a line for each that is wrong, and the summary as its last one.",
            Body = ApiContent.LinesOf<ConceptLine>(),
            Example = """{"id":"0123456789abcdef","content":"The kettle boils in three minutes.","metadata":{"source":"manual"},"learned_at":"2026-01-31T12:00:00Z"}""",
            Answer = ApiContent.LinesOf<ImportLine>(),
        },
        new("setAlias", "PUT", "/api/aliases/{alias}", "Makes another name mean a collection, in one step.")
        {
            Body = ApiContent.JsonOf<SetAliasRequest>(),
            Example = """{"collection":"notes"}""",
            Answer = ApiContent.JsonOf<CollectionResponse>(),
            Problems = [409],
        },
        new("deleteAlias", "DELETE", "/api/aliases/{alias}", "Removes another name.", 204),
        new("reembedCollection", "POST", "/api/collections/{name}/reembed", "Takes a collection over to another model, while it is asked and changed.", 202)
        {
            Body = ApiContent.JsonOf<ReembedRequest>(),
            Example = """{"model":"sutra-static"}""",
            Answer = ApiContent.JsonOf<ReembeddingResponse>(),
            Problems = [409],
        },
        new("listReembeddings", "GET", "/api/reembeddings", "Re-embeddings that are not completed.") { Answer = ApiContent.JsonOf<ReembeddingsResponse>() },
        new("getReembedding", "GET", "/api/reembeddings/{id}", "How far a re-embedding is.") { Answer = ApiContent.JsonOf<ReembeddingResponse>() },
        new("cancelReembedding", "DELETE", "/api/reembeddings/{id}", "Cancels a re-embedding; the collection stays as it was.", 204) { Problems = [409] },
    ];
}
