using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using AssociationKind = Sutra.Storage.Associations.AssociationKind;
using AssociationStep = Sutra.Storage.Associations.AssociationStep;
using KindMessage = Sutra.Contracts.Storage.V1.AssociationKind;
using RelatedMessage = Sutra.Contracts.Storage.V1.RelatedConcept;
using StepMessage = Sutra.Contracts.Storage.V1.AssociationStep;
using TraversalMessage = Sutra.Contracts.Storage.V1.Traversal;

namespace Sutra.Storage.Grpc;

/// <summary>Between the engine's associations and their messages.</summary>
internal static class AssociationMessages
{
    public static ExpansionOptions? Expansion(Expansion? message)
    {
        var options = ExpansionOptions.Default;
        return message is null ? null : new ExpansionOptions(
            Traversal(message.Traversal, options.Traversal, "expand.traversal"),
            message.HasSeeds ? message.Seeds : options.Seeds,
            message.HasWeight ? message.Weight : options.Weight);
    }

    /// <param name="otherwise">For what is left out.</param>
    /// <param name="field">Its name.</param>
    public static RelatedOptions Traversal(TraversalMessage? message, RelatedOptions otherwise, string field)
    {
        if (message is null)
        {
            return otherwise;
        }

        // Before anything is copied: a message may carry millions.
        if (message.LinkTypes.Count > RelatedOptions.MaxLinkTypes)
        {
            throw new InvalidConceptException($"{field}.link_types", $"at most {RelatedOptions.MaxLinkTypes}");
        }

        if (message.Kinds.Any(kind => !Enum.IsDefined(kind)))
        {
            throw new InvalidConceptException($"{field}.kinds", "must be links, entities or neighbours");
        }

        return new RelatedOptions(
            message.HasDepth ? message.Depth : otherwise.Depth,
            message.HasLimit ? message.Limit : otherwise.Limit,
            message.HasEdges ? message.Edges : otherwise.Edges,
            message.HasMinScore ? message.MinScore : otherwise.MinScore,
            message.HasDecay ? message.Decay : otherwise.Decay,
            Weight(KindMessage.Link, message.HasLinkWeight ? message.LinkWeight : otherwise.LinkWeight),
            Weight(KindMessage.Entity, message.HasEntityWeight ? message.EntityWeight : otherwise.EntityWeight),
            Weight(KindMessage.Neighbour, message.HasNeighbourWeight ? message.NeighbourWeight : otherwise.NeighbourWeight),
            message.LinkTypes.Count > 0 ? message.LinkTypes : otherwise.LinkTypes,
            message.HasNeighbours ? message.Neighbours : otherwise.Neighbours,
            message.HasNeighbourThreshold ? message.NeighbourThreshold : otherwise.NeighbourThreshold,
            message.HasEntityConcepts ? message.EntityConcepts : otherwise.EntityConcepts);

        float Weight(KindMessage kind, float weight) => message.Kinds.Count == 0 || message.Kinds.Contains(kind) ? weight : 0;
    }

    public static RelatedMessage ToMessage(Associations.RelatedConcept related) => new()
    {
        Concept = ConceptMessages.ToMessage(related.Concept, withEmbedding: false),
        Score = related.Score,
        Path = { related.Path.Select(ToMessage) },
    };

    public static StepMessage ToMessage(AssociationStep step) => new()
    {
        FromId = step.From.ToString(),
        Kind = step.Kind switch
        {
            AssociationKind.Link => KindMessage.Link,
            AssociationKind.Entity => KindMessage.Entity,
            _ => KindMessage.Neighbour,
        },
        Label = step.Label,
        Incoming = step.Incoming,
        Weight = step.Weight,
    };
}
