using System.Text.Json;
using System.Text.Json.Serialization;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Store;

/// <summary><c>manifest.json</c> in a model's folder: what it is, where it is from, and what its files must be.</summary>
internal sealed partial record StoreManifest
{
    public const string FileName = "manifest.json";
    public const int CurrentFormat = 1;
    private const int Largest = 1 << 20;

    public required int Format { get; init; }

    public required string Name { get; init; }

    public required string Repository { get; init; }

    public required string Revision { get; init; }

    public required string Precision { get; init; }

    public required string Source { get; init; }

    public required string? Licence { get; init; }

    public required DateTimeOffset PulledAt { get; init; }

    /// <summary>As <see cref="ModelIdentity.Revision"/>; null in manifests that are older than it.</summary>
    public string? ContentRevision { get; init; }

    /// <summary>The <see cref="ModelIdentity.PipelineVersion"/> that <see cref="ContentRevision"/> is of.</summary>
    public int? PipelineVersion { get; init; }

    public required IReadOnlyList<StoredFile> Files { get; init; }

    /// <summary>The manifest in <paramref name="folder"/>; null when there is none or it is none.</summary>
    public static StoreManifest? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= Largest })
            {
                return null;
            }

            var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), ManifestJson.Default.StoreManifest);
            return manifest is not null && Holds(manifest) ? manifest : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.StoreManifest);

    private static bool Holds(StoreManifest manifest) =>
        manifest.Format == CurrentFormat
        && (ModelReference.IsId(manifest.Name) || ModelReference.IsRepository(manifest.Name))
        && ModelReference.IsRepository(manifest.Repository)
        && ModelReference.IsCommit(manifest.Revision)
        && ModelPrecisions.TryParse(manifest.Precision, out _)
        && (manifest.ContentRevision is null || ModelIdentity.IsRevision(manifest.ContentRevision))
        && manifest.Files.Count > 0
        && manifest.Files.All(file => file is { Size: > 0 } && ModelReference.IsSafePath(file.Path) && ModelReference.IsSha256(file.Sha256));

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(StoreManifest))]
    private sealed partial class ManifestJson : JsonSerializerContext;
}

/// <summary>A file of a stored model.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">64 hex digits.</param>
/// <param name="Pinned">Whether the catalog named the checksum beforehand; otherwise it is the hub's word, or what arrived.</param>
public sealed record StoredFile(string Path, long Size, string Sha256, bool Pinned);
