using Sutra.Api.Documents;
using Sutra.Contracts.Api;

namespace Sutra.Api.OpenApi;

/// <summary>Learning, documents and asking.</summary>
internal static class ConceptOperations
{
    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        new("learn", "POST", "/api/learn", "Learns one concept: durable, searchable and on record when answered.", 201)
        {
            Body = ApiContent.JsonOf<LearnRequest>(),
            Example = """{"content":"The kettle boils in three minutes.","metadata":{"source":"manual"}}""",
            Answer = ApiContent.JsonOf<LearnResponse>(),
            Parameters = [ApiParameter.IdempotencyKey],
            Problems = [404],
        },
        new("learnBatch", "POST", "/api/learn/batch", "Learns many concepts; each has a result of its own, in their order.")
        {
            Description = "Lines or an array; the answer has the same form, and begins while the body is still read.",
            Body = ApiContent.ListOf<LearnBatchItem>(),
            Example = """{"content":"The kettle boils in three minutes.","metadata":{"source":"manual"}}""",
            Answer = ApiContent.ListOf<LearnBatchResult>(),
            Parameters = [ApiParameter.Collection, ApiParameter.Owner, ApiParameter.IdempotencyKey],
        },
        new("getConcept", "GET", "/api/concepts/{id}", "A concept as it was learned.")
        {
            Answer = ApiContent.JsonOf<ConceptResponse>(),
            Parameters = [ApiParameter.Collection],
        },
        new("replaceConcept", "PUT", "/api/concepts/{id}", "Puts something else in a concept's place, under its id.")
        {
            Body = ApiContent.JsonOf<LearnRequest>(),
            Example = """{"content":"The kettle boils in four minutes.","metadata":{"source":"manual"}}""",
            Answer = ApiContent.JsonOf<LearnResponse>(),
            Parameters = [ApiParameter.Collection, ApiParameter.Owner],
            Problems = [409],
        },
        new("patchConcept", "PATCH", "/api/concepts/{id}", "Changes a concept's metadata; null removes a pair.", 204)
        {
            Body = ApiContent.JsonOf<ConceptPatch>(),
            Example = """{"metadata":{"source":"manual, 2nd edition","draft":null}}""",
            Parameters = [ApiParameter.Collection],
        },
        new("deleteConcept", "DELETE", "/api/concepts/{id}", "Deletes a concept.", 204) { Parameters = [ApiParameter.Collection] },
        new("learnDocuments", "POST", "/api/documents", "Learns a document, or the files of a form, in pieces.")
        {
            Body = new ApiContent(
                typeof(Stream), "text/plain", "text/markdown", "text/html", "text/csv", ApiContent.Json, DocumentFormat.Docx, ApiContent.Form),
            Answer = ApiContent.JsonOf<DocumentsResponse>(),
            Parameters =
            [
                new ApiParameter("name", typeof(string), "The document's name; of a form the file's."),
                new ApiParameter("document_id", typeof(string), "1 to 128 of A-Z, a-z, 0-9, - . _ and :; follows from name and collection when left out."),
                ApiParameter.Collection,
                ApiParameter.Owner,
                new ApiParameter("metadata", typeof(string), "A JSON object of strings, for every piece."),
                new ApiParameter("chunk_tokens", typeof(int), "Tokens of a piece, 16 to 8,192; default 256."),
                new ApiParameter("overlap_tokens", typeof(int), "Tokens that a piece says again of the one before, less than half of it; default 32."),
                ApiParameter.IdempotencyKey,
            ],
        },
        new("getDocument", "GET", "/api/documents/{id}", "A document's pieces.")
        {
            Answer = ApiContent.JsonOf<DocumentDescription>(),
            Parameters = [ApiParameter.Collection],
        },
        new("deleteDocument", "DELETE", "/api/documents/{id}", "Deletes a document's pieces.", 204) { Parameters = [ApiParameter.Collection] },
        new("query", "POST", "/api/query", "Asks a question: an answer out of the evidence, or why there is none.")
        {
            Description = "As server-sent events (`stream`, or Accept: text/event-stream): `evidence`, `answer` part by part, `done` with everything else; `error` with problem details.",
            Body = ApiContent.JsonOf<QueryRequest>(),
            Example = """{"query":"How long does the kettle take?","top_k":5}""",
            Answer = new ApiContent(typeof(QueryResponse), ApiContent.Json, ApiContent.Events),
            Problems = [404],
        },
    ];
}
