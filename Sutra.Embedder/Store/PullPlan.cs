using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Store;

/// <summary>Which files of a repository make a model, and what is known of each before it is fetched.</summary>
/// <param name="Files">The small ones first: what they rule out need not be fetched.</param>
internal sealed record PullPlan(ModelPrecision Precision, IReadOnlyList<WantedFile> Files)
{
    private static readonly string[] Settings =
        ["config.json", "sentence_bert_config.json", SentenceModules.ModulesFile, SentenceModules.PromptsFile];

    public long Bytes => Files.Sum(file => file.Size);

    /// <param name="entry">The catalog's, when its revision is the one that <paramref name="listed"/> is of; null: nothing is pinned.</param>
    /// <exception cref="ModelStoreException">There is no such model in it, it is too large, or the hub contradicts the catalog.</exception>
    public static PullPlan Make(string name, IReadOnlyList<HubFile> listed, ModelPrecision? precision, CatalogEntry? entry, HubOptions options)
    {
        var byPath = new Dictionary<string, HubFile>(StringComparer.Ordinal);
        foreach (var file in listed)
        {
            // Twice the same name: which one it is would be the hub's mood.
            if (!byPath.TryAdd(file.Path, file))
            {
                throw new ModelStoreException($"{name}: the hub lists '{Printable(file.Path)}' twice.");
            }
        }

        var onnx = Choose(name, byPath, precision, entry);
        var wanted = new List<HubFile>();
        wanted.AddRange(Settings.Where(byPath.ContainsKey).Select(path => byPath[path]));
        wanted.AddRange(listed.Where(file => IsPooling(file.Path)));
        wanted.Add(byPath.GetValueOrDefault("tokenizer.json") ?? throw new ModelStoreException($"{name}: it has no tokenizer.json, which is the only tokenizer format that is read."));
        wanted.AddRange(listed.Where(file => onnx.OwnsData(file.Path)).OrderBy(file => file.Path, StringComparer.Ordinal));
        wanted.Add(byPath[onnx.Path]);

        var plan = new PullPlan(onnx.Precision, [.. wanted.Select(file => Want(name, file, entry, options))]);
        return plan.Bytes <= options.LargestModel
            ? plan
            : throw new ModelStoreException($"{name}: it has {plan.Bytes} bytes; at most {options.LargestModel} are fetched.");
    }

    private static OnnxFile Choose(string name, Dictionary<string, HubFile> listed, ModelPrecision? precision, CatalogEntry? entry)
    {
        var there = OnnxFile.Find(listed.ContainsKey);
        if (entry is not null)
        {
            var quantization = precision is null ? entry.Quantizations[0] : entry.Quantizations.FirstOrDefault(known => known.ToPrecision() == precision);
            if (quantization is not null)
            {
                return listed.ContainsKey(quantization.Path)
                    ? new OnnxFile(quantization.ToPrecision(), quantization.Path)
                    : throw new ModelStoreException($"{name}: the hub does not list '{quantization.Path}'.");
            }
        }

        var chosen = precision is null ? there.FirstOrDefault() : there.FirstOrDefault(file => file.Precision == precision);
        return chosen ?? throw new ModelStoreException(there.Count == 0
            ? $"{name}: it has no ONNX model (model.onnx, onnx/model.onnx or a quantized one of a known name)."
            : $"{name}: it has no {precision!.Value.ToName()} model; there is: {string.Join(", ", there.Select(file => file.Precision.ToName()))}.");
    }

    private static WantedFile Want(string name, HubFile file, CatalogEntry? entry, HubOptions options)
    {
        if (!ModelReference.IsSafePath(file.Path))
        {
            throw new ModelStoreException($"{name}: '{Printable(file.Path)}' is not the name of a file.");
        }

        var largest = file.Path.EndsWith(".json", StringComparison.Ordinal)
            ? file.Path == "tokenizer.json" ? ModelFile.LargestTokenizer : ModelFile.LargestSettings
            : options.LargestFile;
        if (file.Size is 0 || file.Size > largest)
        {
            throw new ModelStoreException($"{name}: {file.Path} has {file.Size} bytes; it must have 1 to {largest}.");
        }

        var pin = entry?.Files.Concat(entry.Quantizations.Select(quantization => quantization.ToFile())).FirstOrDefault(known => known.Path == file.Path);
        if ((pin?.Size is { } size && size != file.Size) || (pin?.Sha256 is { } sha256 && file.Sha256 is not null && sha256 != file.Sha256))
        {
            throw new ModelStoreException($"{name}: the hub's {file.Path} is not the one that the catalog knows; nothing was fetched.");
        }

        var known = pin?.Sha256 ?? file.Sha256;
        return known is not null || file.GitId is not null
            ? new WantedFile(file.Path, file.Size, known, file.GitId, pin?.Sha256 is not null)
            : throw new ModelStoreException($"{name}: the hub names no checksum of {file.Path}.");
    }

    /// <summary><c>1_Pooling/config.json</c>, whatever its number.</summary>
    private static bool IsPooling(string path)
    {
        var digits = path.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return digits is 1 or 2 && path.AsSpan(digits) is "_Pooling/config.json";
    }

    private static string Printable(string text) => new([.. text.Take(80).Select(c => c is >= ' ' and < '\x7f' ? c : '?')]);
}
