using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sutra.Contracts.Api;

/// <summary>The JSON of the public HTTP API: snake_case, nulls written, unknown members ignored.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CollectionDetailResponse))]
[JsonSerializable(typeof(CollectionFieldsResponse))]
[JsonSerializable(typeof(CollectionResponse))]
[JsonSerializable(typeof(CollectionsResponse))]
[JsonSerializable(typeof(CreateCollectionRequest))]
[JsonSerializable(typeof(ReembedRequest))]
[JsonSerializable(typeof(ReembeddingResponse))]
[JsonSerializable(typeof(ReembeddingsResponse))]
[JsonSerializable(typeof(SetAliasRequest))]
[JsonSerializable(typeof(UpdateCollectionRequest))]
[JsonSerializable(typeof(LearnRequest))]
[JsonSerializable(typeof(LearnResponse))]
[JsonSerializable(typeof(LearnBatchItem))]
[JsonSerializable(typeof(LearnBatchResult))]
[JsonSerializable(typeof(ConceptResponse))]
[JsonSerializable(typeof(ConceptPatch))]
[JsonSerializable(typeof(ConceptLine))]
[JsonSerializable(typeof(ImportLine))]
[JsonSerializable(typeof(DocumentsResponse))]
[JsonSerializable(typeof(DocumentDescription))]
[JsonSerializable(typeof(QueryRequest))]
[JsonSerializable(typeof(QueryResponse))]
[JsonSerializable(typeof(QueryEvidenceEvent))]
[JsonSerializable(typeof(QueryAnswerEvent))]
public sealed partial class ApiJson : JsonSerializerContext;
