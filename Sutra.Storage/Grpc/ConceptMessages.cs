using Sutra.Contracts.Concepts;
using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Concepts;
using Association = Sutra.Storage.Concepts.Association;
using ConceptMessage = Sutra.Contracts.Storage.V1.Concept;

namespace Sutra.Storage.Grpc;

/// <summary>Between the engine's concepts and their messages.</summary>
internal static class ConceptMessages
{
    public static NewConcept FromMessage(LearnRequest request)
    {
        // Before anything is copied: a message may carry millions of either.
        if (request.Embedding.Count > ConceptChecks.Dimension)
        {
            throw new InvalidConceptException("embedding", $"must have 1 to {ConceptChecks.Dimension} dimensions");
        }

        if (request.Associations.Count > ConceptLimits.Associations)
        {
            throw new InvalidConceptException("associations", $"at most {ConceptLimits.Associations}");
        }

        return new NewConcept(
            request.Content,
            request.Metadata.ToDictionary(StringComparer.Ordinal),
            request.Embedding.ToArray(),
            [.. request.Associations.Select(association => new Association(Id(association.TargetId, "associations.target_id"), association.Type, association.Weight))],
            request.Model);
    }

    public static ConceptMessage ToMessage(StoredConcept stored, bool withEmbedding)
    {
        var concept = stored.Read(withEmbedding);
        var message = new ConceptMessage { Id = concept.Id.ToString(), Content = concept.Content, Model = concept.Model };
        message.Metadata.Add(new Dictionary<string, string>(concept.Metadata, StringComparer.Ordinal));
        message.Embedding.AddRange(concept.Embedding.ToArray());
        foreach (var association in concept.Associations)
        {
            message.Associations.Add(new Contracts.Storage.V1.Association
            {
                TargetId = association.Target.ToString(),
                Type = association.Type,
                Weight = association.Weight,
            });
        }

        return message;
    }

    public static ConceptId Id(string text, string field) =>
        ConceptId.TryParse(text, out var id) ? id : throw new InvalidConceptException(field, "must be 16 lower-case hex digits");
}
