using System.Numerics.Tensors;
using Sutra.Contracts.Concepts;
using Sutra.Storage.Search;

namespace Sutra.Storage.Concepts;

/// <summary>A concept or a question that cannot be taken. Names the field and the rule, never the value: that is user text.</summary>
public sealed class InvalidConceptException(string field, string rule) : Exception($"{field}: {rule}")
{
    public string Field { get; } = field;

    public string Rule { get; } = rule;
}

/// <summary>Refuses what breaks <see cref="ConceptLimits"/>, and limits that only the storage has.</summary>
public static class ConceptChecks
{
    public const int Dimension = 65_536;

    /// <summary>Bytes of UTF-8.</summary>
    public const int Model = 256;

    public const int TopK = 1000;

    /// <summary>Bytes of UTF-8.</summary>
    public const int QuestionText = 64 * 1024;

    /// <exception cref="InvalidConceptException">The first rule that is broken.</exception>
    public static void Check(NewConcept concept)
    {
        Text(concept.Content, ConceptLimits.Content, "content");
        Text(concept.Model, Model, "model");
        Text(concept.Owner, ConceptLimits.Owner, "owner", minimum: 0);
        Vector(concept.Embedding.Span, "embedding");
        if (concept.Metadata.Count > ConceptLimits.MetadataPairs)
        {
            throw new InvalidConceptException("metadata", $"at most {ConceptLimits.MetadataPairs} pairs");
        }

        foreach (var (key, value) in concept.Metadata)
        {
            Text(key, ConceptLimits.MetadataKey, "metadata key");
            Text(value, ConceptLimits.MetadataValue, "metadata value", minimum: 0);
        }

        if (concept.Associations.Count > ConceptLimits.Associations)
        {
            throw new InvalidConceptException("associations", $"at most {ConceptLimits.Associations}");
        }

        foreach (var association in concept.Associations)
        {
            Text(association.Type, ConceptLimits.AssociationType, "associations.type");
            if (association.Weight is not (>= 0 and <= 1))
            {
                throw new InvalidConceptException("associations.weight", "must be between 0 and 1");
            }
        }
    }

    /// <exception cref="InvalidConceptException">The first rule that is broken.</exception>
    public static void Question(string text, ReadOnlySpan<float> embedding, HybridOptions options)
    {
        Text(text, QuestionText, "text", minimum: embedding.IsEmpty ? 1 : 0);
        if (!embedding.IsEmpty)
        {
            Vector(embedding, "embedding");
        }

        Weight(options.VectorWeight, "hybrid.vector_weight");
        Weight(options.TextWeight, "hybrid.text_weight");
        if (options.Candidates is < 1 or > TopK)
        {
            throw new InvalidConceptException("hybrid.candidates", $"must be 1 to {TopK}");
        }
    }

    public static void Vector(ReadOnlySpan<float> vector, string field)
    {
        if (vector.Length is < 1 or > Dimension)
        {
            throw new InvalidConceptException(field, $"must have 1 to {Dimension} dimensions");
        }

        if (!TensorPrimitives.IsFiniteAll(vector))
        {
            throw new InvalidConceptException(field, "must hold finite numbers only");
        }

        if (!vector.ContainsAnyExcept(0f))
        {
            throw new InvalidConceptException(field, "must not be all zeros: cosine similarity is not defined for it");
        }
    }

    private static void Weight(float weight, string field)
    {
        if (weight is not (>= 0 and <= 1000))
        {
            throw new InvalidConceptException(field, "must be 0 to 1000");
        }
    }

    /// <summary>May be empty.</summary>
    /// <exception cref="InvalidConceptException">It cannot be a model's name.</exception>
    public static void ModelName(string model, string field) => Text(model, Model, field, minimum: 0);

    /// <exception cref="InvalidConceptException">It cannot be anybody's name.</exception>
    public static void Owner(string owner) => Text(owner, ConceptLimits.Owner, "owner");

    private static void Text(string text, int maximum, string field, int minimum = 1)
    {
        if (ConceptLimits.Bytes(text) is not { } bytes)
        {
            throw new InvalidConceptException(field, "must be valid Unicode text");
        }

        if (bytes < minimum || bytes > maximum)
        {
            throw new InvalidConceptException(field, $"must be {minimum} to {maximum} bytes of UTF-8");
        }
    }
}
