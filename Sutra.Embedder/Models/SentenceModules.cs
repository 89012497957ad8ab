using System.Text.Json;

namespace Sutra.Embedder.Models;

/// <summary>
/// The files that sentence-transformers adds to a transformer: which steps make a vector of a text (<c>modules.json</c>), how token
/// vectors are pooled (<c>1_Pooling/config.json</c>), and what goes before a text (<c>config_sentence_transformers.json</c>).
/// A step that we cannot do is refused: without it every vector would be a plausible wrong one.
/// </summary>
internal static class SentenceModules
{
    public const string ModulesFile = "modules.json";
    public const string PromptsFile = "config_sentence_transformers.json";
    public const string DefaultPoolingFolder = "1_Pooling";

    private const int MostModules = 16;
    private const int MostPrompts = 64;
    private const int LongestPrompt = 4096;

    /// <summary>The steps in order, named as in Python: Transformer, Pooling, Normalize; and where the pooling's file lies.</summary>
    public static (IReadOnlyList<string> Names, string PoolingFolder) ReadModules(string folder)
    {
        using var file = ModelFile.Read(Path.Combine(folder, ModulesFile), JsonValueKind.Array);
        if (file.Root is not { } root)
        {
            return ([], DefaultPoolingFolder);
        }

        if (root.GetArrayLength() > MostModules)
        {
            throw file.Wrong($"lists more than {MostModules} modules.");
        }

        var names = new List<string>();
        var pooling = DefaultPoolingFolder;
        foreach (var module in root.EnumerateArray())
        {
            // "sentence_transformers.models.Pooling"; newer versions have longer paths to the same names.
            var name = Text(module, "type")?.Split('.')[^1] ?? throw file.Wrong("has a module without a type.");
            if (name is not ("Transformer" or "Pooling" or "Normalize") || names.Contains(name))
            {
                throw file.Wrong($"asks for {string.Join(" → ", [.. names, name])}; only Transformer → Pooling → Normalize, once each, is supported.");
            }

            names.Add(name);
            if (name == "Pooling")
            {
                pooling = PoolingFolder(Text(module, "path"), file);
                if (!File.Exists(Path.Combine(folder, pooling, "config.json")))
                {
                    throw file.Wrong($"names a Pooling module, but {pooling}/config.json is missing.");
                }
            }
        }

        return (names, pooling);
    }

    public static PoolingMode ReadPooling(string folder, string poolingFolder)
    {
        using var file = ModelFile.Read(Path.Combine(folder, poolingFolder, "config.json"));
        if (file.Root is not { } root)
        {
            return PoolingMode.Mean;
        }

        if (file.Property("include_prompt") is { ValueKind: JsonValueKind.False })
        {
            throw file.Wrong("pools without the prompt's tokens (include_prompt is false), which is not supported.");
        }

        // Until version 5.3 a switch per mode, since then one name.
        var modes = root.EnumerateObject()
            .Where(property => property.Name.StartsWith("pooling_mode_", StringComparison.Ordinal) && property.Value.ValueKind == JsonValueKind.True)
            .Select(property => property.Name)
            .ToList();
        if (file.Property("pooling_mode") is { } named)
        {
            modes.AddRange(named.ValueKind switch
            {
                JsonValueKind.String => [named.GetString()!],
                JsonValueKind.Array => named.EnumerateArray().Select(item => item.ToString()),
                _ => throw file.Wrong("has a pooling_mode that is not a text."),
            });
        }

        return modes switch
        {
            [] or ["pooling_mode_mean_tokens" or "mean"] => PoolingMode.Mean,
            // The mean times the root of the number of tokens: of the same direction, and vectors get unit length.
            ["pooling_mode_mean_sqrt_len_tokens" or "mean_sqrt_len_tokens"] => PoolingMode.Mean,
            ["pooling_mode_cls_token" or "cls"] => PoolingMode.FirstToken,
            ["pooling_mode_lasttoken" or "lasttoken"] => PoolingMode.LastToken,
            _ => throw file.Wrong($"asks for {string.Join(" + ", modes.Take(8))}; only one of mean, cls and lasttoken is supported."),
        };
    }

    public static (IReadOnlyDictionary<string, string> Prompts, string? Default) ReadPrompts(string folder)
    {
        using var file = ModelFile.Read(Path.Combine(folder, PromptsFile));
        var prompts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (file.Property("prompts") is { } listed)
        {
            if (listed.ValueKind != JsonValueKind.Object)
            {
                throw file.Wrong("has prompts that are not an object.");
            }

            foreach (var prompt in listed.EnumerateObject())
            {
                if (prompts.Count == MostPrompts || prompt.Value.ValueKind != JsonValueKind.String || prompt.Value.GetString()!.Length > LongestPrompt)
                {
                    throw file.Wrong($"has a prompt that is not a text of at most {LongestPrompt} characters, or more than {MostPrompts} of them.");
                }

                prompts[prompt.Name] = prompt.Value.GetString()!;
            }
        }

        var chosen = file.Text("default_prompt_name");
        return chosen is null || prompts.ContainsKey(chosen)
            ? (prompts, chosen)
            : throw file.Wrong("has a default_prompt_name that its prompts lack.");
    }

    private static string PoolingFolder(string? path, ModelFile file) =>
        path is { Length: > 0 and <= 64 } && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? path
            : throw file.Wrong("has a Pooling module whose path is not the name of a folder.");

    private static string? Text(JsonElement module, string name) =>
        module.ValueKind == JsonValueKind.Object && module.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
