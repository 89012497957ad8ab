using Sutra.Embedder.Catalog;

namespace Sutra.Embedder.Serving;

/// <summary>A model that can be asked for, and what it can be asked for by.</summary>
/// <param name="Model">Where it is.</param>
/// <param name="Revision">Null: not known before it is loaded.</param>
/// <param name="Commits">Of its repository, each with these very files.</param>
internal sealed record KnownModel(AvailableModel Model, string? Revision, IReadOnlyList<string> Commits)
{
    public string Name => Model.Name;

    /// <summary><c>name@revision</c>; null as <see cref="Revision"/> is.</summary>
    public string? Id { get; } = Revision is null ? null : $"{Model.Name}@{Revision}";

    /// <summary>Whether <paramref name="name"/> is this model's, with a commit or its beginning in place of the revision.</summary>
    public bool HasCommit(string name) =>
        Commits.Count > 0 && name.Length >= Name.Length + 1 + ModelReference.ShortestCommit && IsQualified(name)
        && Commits.Any(commit => commit.AsSpan().StartsWith(name.AsSpan(Name.Length + 1)));

    /// <summary>Whether <paramref name="name"/> may turn out to be this one's when its revision is known.</summary>
    public bool MayBe(string name) => Revision is null && IsQualified(name);

    private bool IsQualified(string name) =>
        name.Length > Name.Length + 1 && name[Name.Length] == '@' && name.StartsWith(Name, StringComparison.Ordinal);
}
