using Sutra.Storage.Concepts;

namespace Sutra.Storage.Collections;

/// <summary>Refuses names and settings that no collection can have.</summary>
internal static class CollectionChecks
{
    public const int NameLength = 64;

    private const int MaxEf = 10_000;

    /// <exception cref="InvalidConceptException">The rule that is broken.</exception>
    public static void Name(string name, string field)
    {
        if (name.Length is < 1 or > NameLength
            || name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-_")
            || name[0] is '-' or '_')
        {
            throw new InvalidConceptException(field, $"must be 1 to {NameLength} of a-z, 0-9, - and _, beginning with a letter or digit");
        }
    }

    /// <exception cref="InvalidConceptException">The first rule that is broken.</exception>
    public static void Settings(CollectionSettings settings)
    {
        ConceptChecks.ModelName(settings.Model, "settings.model");
        Range(settings.Dimension, 0, ConceptChecks.Dimension, "settings.dimension");
        Range(settings.M, 4, 64, "settings.m");
        Range(settings.EfConstruction, 1, MaxEf, "settings.ef_construction");
        Range(settings.EfSearch, 1, MaxEf, "settings.ef_search");
        if (!Enum.IsDefined(settings.Language))
        {
            throw new InvalidConceptException("settings.language", "must be a language that is supported");
        }

        if (settings.TimeToLive is { } live && (live < TimeSpan.FromSeconds(1) || live > TimeSpan.FromDays(36_525)))
        {
            throw new InvalidConceptException("settings.time_to_live", "must be 1 second to 100 years");
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
