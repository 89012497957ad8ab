using System.Text.Json;
using Sutra.Embedder.Json;

namespace Sutra.Embedder.Models;

/// <summary>Small JSON files of a model folder; whoever made it, reading them costs little and fails with the file's name.</summary>
internal sealed class ModelFile : IDisposable
{
    /// <summary>Largest file of settings in bytes; published ones have a few hundred.</summary>
    public const int LargestSettings = 1 << 20;

    /// <summary>Largest tokenizer.json in bytes; those of vocabularies of 250,000 pieces have 17 million.</summary>
    public const int LargestTokenizer = 64 << 20;

    private const int LargestNumber = 1 << 20;

    private readonly string _path;
    private readonly JsonDocument? _document;

    private ModelFile(string path, JsonDocument? document)
    {
        _path = path;
        _document = document;
    }

    public JsonElement? Root => _document?.RootElement;

    /// <param name="kind">What the file must hold; a file that is not there holds nothing.</param>
    public static ModelFile Read(string path, JsonValueKind kind = JsonValueKind.Object)
    {
        if (!File.Exists(path))
        {
            return new ModelFile(path, null);
        }

        CheckSize(path, LargestSettings);
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind == kind)
            {
                return new ModelFile(path, document);
            }

            document.Dispose();
            throw new ModelException($"'{path}' is not a JSON {(kind == JsonValueKind.Object ? "object" : "array")}.");
        }
        catch (JsonException e)
        {
            throw new ModelException($"'{path}' is not JSON: {e.Message}", e);
        }
    }

    public static void CheckSize(string path, long largest)
    {
        var length = new FileInfo(path).Length;
        if (length > largest)
        {
            throw new ModelException($"'{path}' has {length} bytes; at most {largest} are read.");
        }
    }

    /// <summary>A property that is there and not null.</summary>
    public JsonElement? Property(string name) => Root?.Member(name);

    public int? Number(string name) => Property(name) is { } value ? Number(value, name) : null;

    public string? Text(string name) => Property(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw new ModelException($"'{_path}': {name} is not a text."),
    };

    public IReadOnlyList<int> Numbers(string name, int most)
    {
        if (Property(name) is not { } value)
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= most
            ? [.. value.EnumerateArray().Select(item => Number(item, name)).Distinct().Order()]
            : throw new ModelException($"'{_path}': {name} is not a list of at most {most} numbers.");
    }

    public ModelException Wrong(string what) => new($"'{_path}' {what}");

    public void Dispose() => _document?.Dispose();

    private int Number(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number is > 0 and <= LargestNumber
            ? number
            : throw new ModelException($"'{_path}': {name} is {Short(value)}; it must be a whole number from 1 to {LargestNumber}.");

    private static string Short(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 40 ? text : text[..40] + "…";
    }
}
