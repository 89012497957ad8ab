using System.Text.Json;
using System.Text.Json.Serialization;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Catalog;

/// <summary>The models known by name: those that Sutra knows, and those that a file of the user's adds or replaces.</summary>
public sealed class ModelCatalog
{
    /// <summary>Largest catalog file in bytes.</summary>
    private const int LargestFile = 4 << 20;

    // By reflection: generated code would give lists that a file leaves out as null, not as the empty ones that they default to.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private static readonly Lazy<ModelCatalog> Known = new(ReadBuiltIn);

    private ModelCatalog(IReadOnlyList<CatalogEntry> entries)
    {
        Entries = entries;
    }

    /// <summary>What Sutra knows.</summary>
    public static ModelCatalog BuiltIn => Known.Value;

    public IReadOnlyList<CatalogEntry> Entries { get; }

    /// <summary><see cref="BuiltIn"/>, with the entries of <paramref name="path"/> in place of those with the same id, and the others after them.</summary>
    /// <param name="path">A JSON file as our own catalog.json; null or empty: nothing is added.</param>
    /// <exception cref="ModelException">The file cannot be read or an entry is wrong; the message says which and why.</exception>
    public static ModelCatalog Load(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return BuiltIn;
        }

        try
        {
            ModelFile.CheckSize(path, LargestFile);
            var own = Read(File.ReadAllBytes(path), path);
            return new ModelCatalog([
                .. BuiltIn.Entries.Select(entry => own.FirstOrDefault(other => Same(other.Id, entry.Id)) ?? entry),
                .. own.Where(entry => !BuiltIn.Entries.Any(known => Same(known.Id, entry.Id))),
            ]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"The catalog '{path}' cannot be read (Embedder:CatalogPath): {e.Message}", e);
        }
    }

    /// <summary>The entry with this id, or of this repository; upper and lower case are one.</summary>
    public CatalogEntry? Find(string name) =>
        Entries.FirstOrDefault(entry => Same(entry.Id, name)) ?? Entries.FirstOrDefault(entry => entry.Repository is not null && Same(entry.Repository, name));

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static ModelCatalog ReadBuiltIn()
    {
        using var stream = typeof(ModelCatalog).Assembly.GetManifestResourceStream("Sutra.Embedder.Catalog.catalog.json")
            ?? throw new ModelException("This build lacks its catalog.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return new ModelCatalog(Read(bytes.ToArray(), "catalog.json"));
    }

    private static List<CatalogEntry> Read(byte[] json, string path)
    {
        try
        {
            // A byte order mark is what some editors leave.
            var text = json.AsSpan().StartsWith("\uFEFF"u8) ? json.AsSpan(3) : json;
            var entries = JsonSerializer.Deserialize<CatalogDocument>(text, Json)?.Models ?? throw new JsonException("it is null.");
            CatalogChecks.Check(entries, path);
            return entries;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelException($"The catalog '{path}' is not what a catalog must be: {e.Message}", e);
        }
    }

    private sealed record CatalogDocument(List<CatalogEntry> Models);
}
