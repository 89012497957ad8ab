namespace Sutra.Storage.Collections;

/// <summary>Which collections there are, and their other names. Unchanging: each change makes another.</summary>
internal sealed record Catalog
{
    public const string Default = "default";

    /// <summary>Something was sealed: a missing key ring is a lost one from now on.</summary>
    public bool IsSealed { get; init; }

    /// <summary>The default collection is among them only when another body has taken its place; it is always there.</summary>
    public IReadOnlyList<CatalogEntry> Collections { get; init; } = [];

    /// <summary>From alias to collection.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Collections that are deleted, and whose files and keys may still be there.</summary>
    public IReadOnlyList<Guid> Leaving { get; init; } = [];

    /// <summary>Collections that are being made, and that nobody has got yet: what there is of them at a start is removed.</summary>
    public IReadOnlyList<Guid> Coming { get; init; } = [];

    /// <summary>The collection that a name or an alias means; empty means the default one.</summary>
    public string Resolve(string name) => name.Length == 0 ? Default : Aliases.GetValueOrDefault(name, name);

    public CatalogEntry? Find(string name) => Collections.FirstOrDefault(entry => entry.Name == name);

    public bool Exists(string name) => name == Default || Find(name) is not null;

    /// <summary>The one that is being made to take a collection's place.</summary>
    public CatalogEntry? ReplacementOf(string name) => Collections.FirstOrDefault(entry => entry.Replacement?.Of == name);

    public IReadOnlyList<string> AliasesOf(string name) => [.. Aliases.Where(pair => pair.Value == name).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
}

internal sealed record CatalogEntry(string Name, Guid Id, CollectionSettings Settings, DateTimeOffset CreatedAt)
{
    /// <summary>It is being made to take another's place, and not listed until it has.</summary>
    public Replacement? Replacement { get; init; }
}

/// <summary>What a collection is being made for.</summary>
/// <param name="Of">Name of the collection whose place it is to take.</param>
/// <param name="RequestedBy">Who asked for it: the subject of a caller.</param>
public sealed record Replacement(string Of, string RequestedBy);
