namespace Sutra.Contracts.Concepts;

/// <summary>What a collection may be, for the api, which says what is wrong, and the storage, which takes nothing else.</summary>
public static class CollectionLimits
{
    /// <summary>Characters of a name: a-z, 0-9, - and _, the first a letter or digit.</summary>
    public const int Name = 64;

    public const int MinM = 4;
    public const int MaxM = 64;

    /// <summary>Of <c>ef_construction</c> and <c>ef_search</c>; the least is 1.</summary>
    public const int MaxEf = 10_000;

    /// <summary>100 years; the least time to live is 1 second.</summary>
    public const long MaxSeconds = 36_525L * 86_400;

    public const int ExpiryRules = 16;

    public static bool IsName(string? name) =>
        name is { Length: >= 1 and <= Name }
        && !name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-_")
        && name[0] is not ('-' or '_');
}
