using Sutra.Api.Embeddings;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;
using Proto = Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Concepts;

/// <summary>What is learned, as the storage takes it.</summary>
internal static class ConceptMessages
{
    public static Proto.LearnRequest ToRequest(LearnItem item, in EmbeddedText embedded)
    {
        var request = ToRequest(item, embedded.Model);
        request.Embedding.Add(embedded.Vector);
        return request;
    }

    public static Proto.LearnRequest ToRequest(LearnItem item, Embedded embedded)
    {
        var request = ToRequest(item, embedded.Model);
        request.Embedding.Add(embedded.Vector);
        return request;
    }

    private static Proto.LearnRequest ToRequest(LearnItem item, string model)
    {
        var request = new Proto.LearnRequest { Content = item.Content, Model = model, Owner = item.Owner ?? "", Id = item.ConceptId?.ToLowerInvariant() ?? "" };
        if (item is { Copy: { } copy, ConceptId: not null })
        {
            (request.Restore, request.LearnedAt) = (true, copy.LearnedAt?.ToUnixTimeMilliseconds() ?? 0);
        }

        foreach (var (name, value) in item.Metadata ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            request.Metadata[name] = value;
        }

        foreach (var edge in item.Associations ?? [])
        {
            request.Associations.Add(new Proto.Association { TargetId = edge.ConceptId.ToLowerInvariant(), Type = edge.Type, Weight = edge.Weight });
        }

        return request;
    }
}
