using System.Runtime.InteropServices;
using Google.Protobuf.Collections;
using Sutra.Api.Errors;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Transfer;

/// <summary>Between concepts and the lines that they are outside.</summary>
internal static class ConceptLines
{
    public const string MediaType = "application/x-ndjson";

    public static ConceptLine Write(Concept concept, bool withEmbedding) => new(
        concept.Id,
        concept.Content,
        concept.Metadata,
        [.. concept.Associations.Select(edge => new AssociationContract(edge.TargetId, edge.Type, edge.Weight))],
        concept.Owner.Length == 0 ? null : concept.Owner,
        DateTimeOffset.FromUnixTimeMilliseconds(concept.LearnedAt),
        concept.Model,
        withEmbedding ? Convert.ToBase64String(MemoryMarshal.AsBytes(concept.Embedding.ToArray().AsSpan())) : null);

    public static BatchItem Read(in JsonLine line)
    {
        if (line.Fault != LineFault.None)
        {
            return BatchItems.LineTooLarge(line);
        }

        try
        {
            return new BatchItem(line.Number, Item(JsonBody.Parse(line.Json, ApiJson.Default.ConceptLine, "line")), null, line.Bytes);
        }
        catch (ApiProblem e)
        {
            return new BatchItem(line.Number, null, LearnItemError.Of(e), line.Bytes);
        }
    }

    private static LearnItem Item(ConceptLine line) => new(
        line.Content ?? "",
        line.Metadata,
        line.Associations,
        line.Owner,
        line.Id,
        new ConceptCopy(line.LearnedAt, line.Model, line.Embedding is null || line.Model is null ? null : Vector(line.Embedding)));

    private static RepeatedField<float> Vector(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && length > 0 && length % sizeof(float) == 0
            ? new RepeatedField<float> { MemoryMarshal.Cast<byte, float>(bytes.AsSpan(0, length)).ToArray() }
            : throw ApiProblem.Invalid("embedding", "It must be base64 of little-endian 32-bit floats.");
    }
}
