using Sutra.Contracts.Concepts;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Collections;

/// <summary>Refuses names and settings that no collection can have.</summary>
internal static class CollectionChecks
{
    private const int MaxEf = CollectionLimits.MaxEf;

    /// <exception cref="InvalidConceptException">The rule that is broken.</exception>
    public static void Name(string name, string field)
    {
        if (!CollectionLimits.IsName(name))
        {
            throw new InvalidConceptException(field, $"must be 1 to {CollectionLimits.Name} of a-z, 0-9, - and _, beginning with a letter or digit");
        }
    }

    /// <exception cref="InvalidConceptException">The first rule that is broken.</exception>
    public static void Settings(CollectionSettings settings)
    {
        ConceptChecks.ModelName(settings.Model, "settings.model");
        Range(settings.Dimension, 0, ConceptChecks.Dimension, "settings.dimension");
        Range(settings.M, CollectionLimits.MinM, CollectionLimits.MaxM, "settings.m");
        Range(settings.EfConstruction, 1, MaxEf, "settings.ef_construction");
        Range(settings.EfSearch, 1, MaxEf, "settings.ef_search");
        if (!Enum.IsDefined(settings.Language))
        {
            throw new InvalidConceptException("settings.language", "must be a language that is supported");
        }

        Time(settings.TimeToLive, "settings.time_to_live");
        if (settings.Expiry.Count > CollectionLimits.ExpiryRules)
        {
            throw new InvalidConceptException("settings.expiry", $"at most {CollectionLimits.ExpiryRules} rules");
        }

        foreach (var rule in settings.Expiry)
        {
            Time(rule.After, "settings.expiry.seconds");
            Bytes(rule.Key, 1, ConceptLimits.MetadataKey, "settings.expiry.key");
            Bytes(rule.Value, 0, ConceptLimits.MetadataValue, "settings.expiry.value");
        }
    }

    private static void Time(TimeSpan? time, string field)
    {
        if (time is { } live && (live < TimeSpan.FromSeconds(1) || live > TimeSpan.FromSeconds(CollectionLimits.MaxSeconds)))
        {
            throw new InvalidConceptException(field, "must be 1 second to 100 years");
        }
    }

    private static void Bytes(string text, int minimum, int maximum, string field)
    {
        if (ConceptLimits.Bytes(text) is not { } bytes || bytes < minimum || bytes > maximum)
        {
            throw new InvalidConceptException(field, $"must be {minimum} to {maximum} bytes of UTF-8");
        }
    }

    private static void Range(int value, int minimum, int maximum, string field)
    {
        if (value < minimum || value > maximum)
        {
            throw new InvalidConceptException(field, $"must be {minimum} to {maximum}");
        }
    }
}
