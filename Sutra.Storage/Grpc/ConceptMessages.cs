using Sutra.Contracts.Concepts;
using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Association = Sutra.Storage.Concepts.Association;
using ConceptMessage = Sutra.Contracts.Storage.V1.Concept;
using Fusion = Sutra.Storage.Search.Fusion;
using HybridOptions = Sutra.Storage.Search.HybridOptions;
using LegScore = Sutra.Storage.Search.LegScore;

namespace Sutra.Storage.Grpc;

/// <summary>Between the engine's concepts and their messages.</summary>
internal static class ConceptMessages
{
    private static readonly long MaxTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

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
            request.Model)
        {
            Owner = request.Owner,
            Id = request.Id.Length > 0 ? Id(request.Id, "id") : request.Restore ? throw new InvalidConceptException("id", "must be given to restore a concept") : null,
            Restores = request.Restore,
            LearnedAt = request.Restore && request.LearnedAt > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(request.LearnedAt, MaxTime)) : null,
        };
    }

    public static Contracts.Storage.V1.LearnOutcome ToMessage(Concepts.LearnOutcome outcome)
    {
        var message = new Contracts.Storage.V1.LearnOutcome();
        switch (outcome.Refusal)
        {
            case null:
                (message.Id, message.Created) = (outcome.Result.Id.ToString(), outcome.Result.Created);
                break;
            case InvalidConceptException e:
                (message.Field, message.Error) = (e.Field, e.Rule);
                break;
            case ConceptNotFoundException e:
                (message.Field, message.Error) = ("id", e.Message);
                break;
            case ContentExistsException e:
                (message.Field, message.Error) = ("content", e.Message);
                break;
            case OwnerErasedException e:
                (message.Field, message.Error, message.Retryable) = ("owner", e.Message, true);
                break;
            case KeyRingUnavailableException e:
                (message.Error, message.Retryable) = (e.Message, true);
                break;
            case { } e:
                throw new InvalidOperationException("A refusal that has no message.", e);
        }

        return message;
    }

    public static ConceptMessage ToMessage(StoredConcept stored, bool withEmbedding)
    {
        var concept = stored.Read(withEmbedding);
        var message = new ConceptMessage
        {
            Id = concept.Id.ToString(),
            Content = concept.Content,
            Model = concept.Model,
            LearnedAt = concept.LearnedAt.ToUnixTimeMilliseconds(),
            Owner = concept.Owner,
        };
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

    /// <summary>Without words the cosine is the score, unless the request says otherwise.</summary>
    public static HybridOptions Options(SearchRequest request)
    {
        var (message, options) = (request.Hybrid, request.Text.Length > 0 ? HybridOptions.Default : new HybridOptions(VectorWeight: 1));
        return message is null ? options : new HybridOptions(
            message.HasVectorWeight ? message.VectorWeight : options.VectorWeight,
            message.HasTextWeight ? message.TextWeight : options.TextWeight,
            message.Fusion switch
            {
                Contracts.Storage.V1.Fusion.WeightedSum => Fusion.WeightedSum,
                Contracts.Storage.V1.Fusion.ReciprocalRank => Fusion.ReciprocalRank,
                _ => throw new InvalidConceptException("hybrid.fusion", "must be FUSION_WEIGHTED_SUM or FUSION_RECIPROCAL_RANK"),
            },
            message.HasCandidates ? message.Candidates : options.Candidates);
    }

    public static Contracts.Storage.V1.LegScore ToMessage(LegScore score) => new() { Score = score.Score, Rank = score.Rank };

    public static ConceptId Id(string text, string field) =>
        ConceptId.TryParse(text, out var id) ? id : throw new InvalidConceptException(field, "must be 16 lower-case hex digits");
}
