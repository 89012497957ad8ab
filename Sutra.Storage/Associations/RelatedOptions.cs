using Sutra.Storage.Concepts;

namespace Sutra.Storage.Associations;

/// <summary>What associates two concepts.</summary>
public enum AssociationKind
{
    /// <summary>One was learned with a link to the other.</summary>
    Link = 0,

    /// <summary>Both name the same thing.</summary>
    Entity = 1,

    /// <summary>Their vectors are near each other.</summary>
    Neighbour = 2,
}

/// <summary>
/// How far and along what to go from concepts to others. A concept scores the best product over the ways to it: score of where the way begins ×, for each step,
/// weight of the association × weight of its kind × <paramref name="Decay"/>.
/// </summary>
/// <param name="Depth">Steps at most, 1 to 4. Default 2.</param>
/// <param name="Limit">Concepts at most, 1 to 1,000: the best. Default 20.</param>
/// <param name="Edges">Associations looked at, at most, and the work to find them (docs/associations.md), 1 to 100,000. Default 10,000.</param>
/// <param name="MinScore">What scores less is not gone on from, nor found; above 0, up to 1. Default 0.05.</param>
/// <param name="Decay">Of a step, 0 to 1. Default 0.7.</param>
/// <param name="LinkWeight">0 to 1; 0 leaves them out. Default 1.</param>
/// <param name="EntityWeight">0 to 1; 0 leaves them out. Default 0.8.</param>
/// <param name="NeighbourWeight">0 to 1; 0 leaves them out. Default 0.8.</param>
/// <param name="LinkTypes">Types of links that count, at most 64; null for all.</param>
/// <param name="Neighbours">Of a concept, 1 to 64. Default 8.</param>
/// <param name="NeighbourThreshold">Cosine similarity from which on two are neighbours, 0 to 1. Default 0.7.</param>
/// <param name="EntityConcepts">What more concepts name associates none of them, 2 to 4,096. Default 256.</param>
public sealed record RelatedOptions(
    int Depth = 2,
    int Limit = 20,
    int Edges = 10_000,
    float MinScore = 0.05f,
    float Decay = 0.7f,
    float LinkWeight = 1,
    float EntityWeight = 0.8f,
    float NeighbourWeight = 0.8f,
    IReadOnlyCollection<string>? LinkTypes = null,
    int Neighbours = 8,
    float NeighbourThreshold = 0.7f,
    int EntityConcepts = 256)
{
    public const int MaxDepth = 4;
    public const int MaxLimit = 1_000;
    public const int MaxEdges = 100_000;
    public const int MaxLinkTypes = 64;
    public const int MaxNeighbours = 64;
    public const int MaxEntityConcepts = 4_096;

    public static RelatedOptions Default { get; } = new();

    /// <exception cref="InvalidConceptException">The first rule that is broken.</exception>
    internal void Check(string field)
    {
        Range(Depth, 1, MaxDepth, $"{field}.depth");
        Range(Limit, 1, MaxLimit, $"{field}.limit");
        Range(Edges, 1, MaxEdges, $"{field}.edges");
        Share(MinScore, $"{field}.min_score");
        if (MinScore == 0)
        {
            throw new InvalidConceptException($"{field}.min_score", "must be above 0");
        }

        Share(Decay, $"{field}.decay");
        Share(LinkWeight, $"{field}.link_weight");
        Share(EntityWeight, $"{field}.entity_weight");
        Share(NeighbourWeight, $"{field}.neighbour_weight");
        Share(NeighbourThreshold, $"{field}.neighbour_threshold");
        Range(Neighbours, 1, MaxNeighbours, $"{field}.neighbours");
        Range(EntityConcepts, 2, MaxEntityConcepts, $"{field}.entity_concepts");
        if (LinkTypes is { Count: > MaxLinkTypes })
        {
            throw new InvalidConceptException($"{field}.link_types", $"at most {MaxLinkTypes}");
        }
    }

    private static void Range(int value, int minimum, int maximum, string field)
    {
        if (value < minimum || value > maximum)
        {
            throw new InvalidConceptException(field, $"must be {minimum} to {maximum}");
        }
    }

    private static void Share(float value, string field)
    {
        if (value is not (>= 0 and <= 1))
        {
            throw new InvalidConceptException(field, "must be 0 to 1");
        }
    }
}

/// <summary>Goes on from the best of a search to what is associated with them.</summary>
/// <param name="Traversal">How.</param>
/// <param name="Seeds">So many of the best are gone on from, 1 to 100. Default 10.</param>
/// <param name="Weight">Of the graph's leg in the ranking, 0 to 1,000. Default 0.3.</param>
public sealed record ExpansionOptions(RelatedOptions Traversal, int Seeds = 10, float Weight = 0.3f)
{
    public const int MaxSeeds = 100;
    public const float MaxWeight = 1000;

    /// <summary>One step from each of the ten best.</summary>
    public static ExpansionOptions Default { get; } = new(new RelatedOptions(Depth: 1, Limit: 50));

    /// <exception cref="InvalidConceptException">The first rule that is broken.</exception>
    internal void Check()
    {
        Traversal.Check("expand.traversal");
        if (Seeds is < 1 or > MaxSeeds)
        {
            throw new InvalidConceptException("expand.seeds", $"must be 1 to {MaxSeeds}");
        }

        if (Weight is not (>= 0 and <= MaxWeight))
        {
            throw new InvalidConceptException("expand.weight", $"must be 0 to {MaxWeight}");
        }
    }
}

/// <summary>A step from one concept to the next.</summary>
/// <param name="From">Where it begins.</param>
/// <param name="Kind">Along what it goes.</param>
/// <param name="Label">The link's type, or the entity; empty for neighbours.</param>
/// <param name="Incoming">It goes against the direction of a link.</param>
/// <param name="Weight">Of the association, 0 to 1.</param>
public readonly record struct AssociationStep(ConceptId From, AssociationKind Kind, string Label, bool Incoming, float Weight);

/// <param name="Score">Above 0, up to 1.</param>
/// <param name="Path">How it was found, from where the way begins.</param>
public readonly record struct RelatedConcept(StoredConcept Concept, float Score, IReadOnlyList<AssociationStep> Path);

/// <param name="Concepts">Best first, equal scores by id.</param>
/// <param name="Complete">False: there were more associations than may be looked at, and something better may have been missed.</param>
public sealed record RelatedConcepts(IReadOnlyList<RelatedConcept> Concepts, bool Complete);
