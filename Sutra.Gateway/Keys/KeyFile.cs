using System.Text.Json;
using System.Text.Json.Serialization;
using Sutra.Contracts.Identity;

namespace Sutra.Gateway.Keys;

/// <summary>The key file: JSON with a version and one entry per key.</summary>
internal static class KeyFile
{
    private const int Version = 1;

    /// <exception cref="InvalidDataException">The file is not a key file; the message names the file and what is wrong with it.</exception>
    public static IReadOnlyList<ApiKey> Read(string path)
    {
        Content? content;
        try
        {
            content = JsonSerializer.Deserialize(File.ReadAllBytes(path), KeyJson.Default.Content);
        }
        catch (JsonException e)
        {
            throw Corrupt(path, $"it is not valid JSON (line {e.LineNumber + 1})", e);
        }

        if (content?.Version != Version)
        {
            throw Corrupt(path, $"its version is not {Version}");
        }

        return Check(path, content.Keys);
    }

    public static void Write(string path, IReadOnlyList<ApiKey> keys, bool replace) => PrivateFile.Write(
        path,
        JsonSerializer.Serialize(
            new Content(Version, [.. keys.Select(key => new Entry(key.Id, key.Name, key.Hash, key.Scopes, key.Created))]),
            KeyJson.Default.Content) + "\n",
        replace);

    private static List<ApiKey> Check(string path, IReadOnlyList<Entry>? entries)
    {
        var keys = new List<ApiKey>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (entry, number) in (entries ?? throw Corrupt(path, "it has no \"keys\"")).Select((entry, i) => (entry, i + 1)))
        {
            var wrong = entry switch
            {
                null => "is empty",
                { Id: null } or { Hash: null } or { Scopes: null } => "lacks id, hash or scopes",
                _ when !ApiKeyText.IsId(entry.Id) => "has an id that is not 12 base62 characters",
                _ when !IsHash(entry.Hash) => "has a hash that is not 64 hex digits",
                _ when entry.Scopes.FirstOrDefault(scope => !Permissions.All.Contains(scope)) is { } unknown => $"has the unknown scope '{unknown}'",
                _ when !ids.Add(entry.Id) => "has the id of an earlier key",
                _ => null,
            };
            if (wrong is not null)
            {
                throw Corrupt(path, $"key {number} {wrong}");
            }

            keys.Add(new ApiKey(entry!.Id!, entry.Name ?? "", entry.Hash!.ToLowerInvariant(), entry.Scopes!, entry.Created));
        }

        return keys;
    }

    private static bool IsHash(string hash) => hash.Length == 2 * ApiKeyText.HashLength && hash.All(char.IsAsciiHexDigit);

    private static InvalidDataException Corrupt(string path, string what, Exception? inner = null) =>
        new($"The key file {path} cannot be used: {what}. Restore it, or remove it to start with a new first key.", inner);

    internal sealed record Content(int Version, IReadOnlyList<Entry>? Keys);

    internal sealed record Entry(string? Id, string? Name, string? Hash, IReadOnlyList<string>? Scopes, DateTimeOffset Created);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(KeyFile.Content))]
internal sealed partial class KeyJson : JsonSerializerContext;
