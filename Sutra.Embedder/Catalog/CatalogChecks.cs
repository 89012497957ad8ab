using Sutra.Embedder.Models;

namespace Sutra.Embedder.Catalog;

/// <summary>What must hold of a catalog, so that no later part has to look twice.</summary>
internal static class CatalogChecks
{
    private const int MostEntries = 10_000;
    private const int LargestVector = 65_536;
    private const int LongestText = 1 << 20;

    public static void Check(IReadOnlyList<CatalogEntry> entries, string path)
    {
        if (entries.Count > MostEntries)
        {
            throw new ModelException($"The catalog '{path}' has more than {MostEntries} models.");
        }

        var ids = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            if ((entry is null ? "it is null" : ids.Add(entry.Id) ? Problem(entry) : "its id is there twice") is { } problem)
            {
                throw new ModelException($"The catalog '{path}', model '{entry?.Id}': {problem}.");
            }
        }
    }

    private static string? Problem(CatalogEntry entry)
    {
        if (!ModelReference.IsId(entry.Id))
        {
            return "its id must be 1 to 96 letters, digits, '-', '_' and '.', the first and the last a letter or digit";
        }

        if ((entry.Repository is null) != (entry.Revision is null) || (entry.Repository is null && entry.Quantizations.Count > 0))
        {
            return "repository, revision and quantizations go together";
        }

        if (entry.Repository is not null && (!ModelReference.IsRepository(entry.Repository) || !ModelReference.IsCommit(entry.Revision!)))
        {
            return "repository must be owner/name, and revision a commit of 40 hex digits";
        }

        if (entry.Repository is not null && entry.Quantizations.Count == 0)
        {
            return "it has no quantizations";
        }

        if (entry.Dimensions is < 1 or > LargestVector || entry.MaxTokens is < 1 or > LongestText || entry.Parameters < 1 || entry.QualityRank < 1 || entry.RelativeCost is not (> 0 and < 1e6))
        {
            return "dimensions, max_tokens, parameters, quality_rank and relative_cost must be above 0 and of a sane size";
        }

        if (entry.MatryoshkaDimensions.Any(size => size < 1 || size > entry.Dimensions) || !entry.MatryoshkaDimensions.SequenceEqual(entry.MatryoshkaDimensions.Distinct().Order()))
        {
            return "matryoshka_dimensions must ascend and be at most dimensions";
        }

        if (entry.Pooling is not ("mean" or "cls" or "lasttoken"))
        {
            return "pooling must be mean, cls or lasttoken";
        }

        return entry.Licence.Length == 0 ? "it has no licence" : FileProblem(entry);
    }

    private static string? FileProblem(CatalogEntry entry)
    {
        var precisions = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var quantization in entry.Quantizations)
        {
            if (!ModelPrecisions.TryParse(quantization.Precision, out _) || !precisions.Add(quantization.Precision))
            {
                return $"precision '{quantization.Precision}' is there twice or not one of {string.Join(", ", ModelPrecisions.Names)}";
            }

            // By its name the folder tells what it is; a name that says something else would be run as something else.
            if (OnnxFile.Find(path => path == quantization.Path) is not [var onnx] || onnx.Precision != quantization.ToPrecision())
            {
                return $"'{quantization.Path}' is not the name of a {quantization.Precision} model";
            }
        }

        var paths = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in entry.Files.Concat(entry.Quantizations.Select(quantization => quantization.ToFile())))
        {
            if (!ModelReference.IsSafePath(file.Path) || !paths.Add(file.Path))
            {
                return $"the file '{file.Path}' is there twice or not a plain relative path";
            }

            if (file.Size is <= 0 || (file.Sha256 is not null && !ModelReference.IsSha256(file.Sha256)))
            {
                return $"the file '{file.Path}' has no sane size or a sha256 that is not 64 lower-case hex digits";
            }
        }

        return null;
    }
}
