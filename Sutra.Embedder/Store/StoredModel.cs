using Sutra.Embedder.Models;

namespace Sutra.Embedder.Store;

/// <summary>One revision of a model in one precision, on disk; complete, or it would not be there.</summary>
public sealed record StoredModel
{
    /// <summary>The catalog's id, or the repository.</summary>
    public required string Name { get; init; }

    /// <summary><c>owner/name</c></summary>
    public required string Repository { get; init; }

    /// <summary>The commit, 40 hex digits.</summary>
    public required string Revision { get; init; }

    /// <summary>As <see cref="ModelIdentity.Revision"/>, what the embedder's answers call it; null: not known, because another version of Sutra pulled it.</summary>
    public required string? ContentRevision { get; init; }

    public required ModelPrecision Precision { get; init; }

    public required string? Licence { get; init; }

    /// <summary>Its folder, to be opened with <see cref="ModelFolder.Open"/>.</summary>
    public required string Path { get; init; }

    public required DateTimeOffset PulledAt { get; init; }

    /// <summary>When something last asked for it; <see cref="PulledAt"/> before anything did.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    public required IReadOnlyList<StoredFile> Files { get; init; }

    /// <summary>Of all files, in bytes.</summary>
    public long Bytes => Files.Sum(file => file.Size);

    /// <summary><c>name@commit</c>, the first 12 digits of it.</summary>
    public string Id => $"{Name}@{Revision[..12]}";
}
