using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sutra.Api.Querying;
using Sutra.Contracts.Api;
using Sutra.Contracts.Concepts;

namespace Sutra.Api.OpenApi;

/// <summary>
/// What values fields may have, in the document. Where a limit is bytes of UTF-8, JSON Schema's characters are an upper bound of it, and the description, which is
/// the field's own in <c>Sutra.Contracts</c>, says so.
/// </summary>
internal static class FieldLimits
{
    private const string ConceptIdPattern = "^[0-9a-fA-F]{16}$";

    private static readonly Dictionary<(Type Type, string Field), Action<OpenApiSchema>> s_limits = new()
    {
        [(typeof(LearnRequest), "content")] = Text(1, ConceptLimits.Content),
        [(typeof(LearnRequest), "metadata")] = Pairs,
        [(typeof(LearnRequest), "associations")] = Items(ConceptLimits.Associations),
        [(typeof(LearnRequest), "collection")] = Name,
        [(typeof(LearnRequest), "owner")] = Text(0, ConceptLimits.Owner),
        [(typeof(LearnBatchItem), "content")] = Text(1, ConceptLimits.Content),
        [(typeof(LearnBatchItem), "metadata")] = Pairs,
        [(typeof(LearnBatchItem), "associations")] = Items(ConceptLimits.Associations),
        [(typeof(LearnBatchItem), "owner")] = Text(0, ConceptLimits.Owner),
        [(typeof(LearnBatchItem), "id")] = schema => schema.Pattern = ConceptIdPattern,
        [(typeof(IngestItem), "content")] = Text(1, ConceptLimits.Content),
        [(typeof(IngestItem), "metadata")] = Pairs,
        [(typeof(IngestItem), "associations")] = Items(ConceptLimits.Associations),
        [(typeof(IngestItem), "owner")] = Text(0, ConceptLimits.Owner),
        [(typeof(ConceptPatch), "metadata")] = NullablePairs,
        [(typeof(AssociationContract), "concept_id")] = schema => schema.Pattern = ConceptIdPattern,
        [(typeof(AssociationContract), "type")] = Text(1, ConceptLimits.AssociationType),
        [(typeof(AssociationContract), "weight")] = Range(0, 1),
        [(typeof(QueryRequest), "query")] = Text(1, QueryEndpoint.MaxQueryLength),
        [(typeof(QueryRequest), "top_k")] = Range(1, QueryEndpoint.MaxTopK),
        [(typeof(QueryRequest), "collection")] = Name,
        [(typeof(CreateCollectionRequest), "name")] = Name,
        [(typeof(CreateCollectionRequest), "m")] = Range(CollectionLimits.MinM, CollectionLimits.MaxM),
        [(typeof(CreateCollectionRequest), "ef_construction")] = Range(1, CollectionLimits.MaxEf),
        [(typeof(CreateCollectionRequest), "ef_search")] = Range(1, CollectionLimits.MaxEf),
        [(typeof(CreateCollectionRequest), "time_to_live_seconds")] = Range(1, CollectionLimits.MaxSeconds),
        [(typeof(CreateCollectionRequest), "expiry")] = Items(CollectionLimits.ExpiryRules),
        [(typeof(UpdateCollectionRequest), "ef_search")] = Range(1, CollectionLimits.MaxEf),
        [(typeof(UpdateCollectionRequest), "time_to_live_seconds")] = Range(0, CollectionLimits.MaxSeconds),
        [(typeof(UpdateCollectionRequest), "expiry")] = Items(CollectionLimits.ExpiryRules),
        [(typeof(ExpiryRuleContract), "key")] = Text(1, ConceptLimits.MetadataKey),
        [(typeof(ExpiryRuleContract), "value")] = Text(0, ConceptLimits.MetadataValue),
        [(typeof(ExpiryRuleContract), "after_seconds")] = Range(1, CollectionLimits.MaxSeconds),
        [(typeof(SetAliasRequest), "collection")] = Name,
        [(typeof(ScheduleRequest), "every_minutes")] = Range(1, 525_600),
        [(typeof(ScheduleRequest), "priority")] = Range(0, 9),
    };

    private static readonly HashSet<Type> s_requests =
        [.. ApiOperations.All.Select(operation => operation.Body?.Type).OfType<Type>(), typeof(AssociationContract), typeof(ExpiryRuleContract)];

    public static Task Apply(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        if (context.JsonPropertyInfo is { } property)
        {
            if (s_limits.TryGetValue((property.DeclaringType, property.Name), out var limit))
            {
                limit(schema);
            }

            // Its type allows null so that what is missing can be told; a request that lacks it is refused.
            if (s_requests.Contains(property.DeclaringType) && property.AssociatedParameter is { HasDefaultValue: false })
            {
                schema.Type &= ~JsonSchemaType.Null;
            }
        }

        return Task.CompletedTask;
    }

    private static void Name(OpenApiSchema schema) => schema.Pattern = $"^[a-z0-9][a-z0-9_-]{{0,{CollectionLimits.Name - 1}}}$";

    private static void Pairs(OpenApiSchema schema) => schema.MaxProperties = ConceptLimits.MetadataPairs;

    private static void NullablePairs(OpenApiSchema schema)
    {
        Pairs(schema);
        schema.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null };
    }

    private static Action<OpenApiSchema> Text(int minimum, int maximum) => schema => (schema.MinLength, schema.MaxLength) = (minimum, maximum);

    private static Action<OpenApiSchema> Items(int maximum) => schema => schema.MaxItems = maximum;

    private static Action<OpenApiSchema> Range(long minimum, long maximum) => schema =>
    {
        schema.Minimum = minimum.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = maximum.ToString(CultureInfo.InvariantCulture);
    };
}
