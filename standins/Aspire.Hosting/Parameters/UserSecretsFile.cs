using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting.Parameters;

/// <summary>The AppHost's secrets.json: flat <c>"Section:Key": "value"</c> pairs, readable by its owner only.</summary>
internal sealed class UserSecretsFile(string path)
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static UserSecretsFile? Of(Assembly? assembly)
    {
        try
        {
            return assembly?.GetCustomAttribute<UserSecretsIdAttribute>() is { } id
                ? new UserSecretsFile(PathHelper.GetSecretsPathFromSecretsId(id.UserSecretsId))
                : null;
        }
        catch (InvalidOperationException)
        {
            // Neither APPDATA nor HOME: there is no place for secrets.
            return null;
        }
    }

    public IReadOnlyDictionary<string, string?> Read()
    {
        try
        {
            return File.Exists(path) ? Flatten(JsonNode.Parse(File.ReadAllText(path)) as JsonObject) : new Dictionary<string, string?>();
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The user secrets in {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The stored value; if there is none, <paramref name="create"/>'s, which is then stored. Two AppHosts that start at once agree.</summary>
    public string GetOrAdd(string key, Func<string> create)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var oneAtATime = Lock();
            var values = new Dictionary<string, string?>(Read(), StringComparer.OrdinalIgnoreCase);
            if (values.TryGetValue(key, out var stored) && !string.IsNullOrEmpty(stored))
            {
                return stored;
            }

            var value = create();
            values[key] = value;
            Write(values);
            return value;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{key} cannot be kept in {path} and will be another one at the next start: {e.Message}");
            return create();
        }
    }

    private static Dictionary<string, string?> Flatten(JsonObject? json)
    {
        using var stream = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(json ?? []));
        return new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable()
            .Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
    }

    private FileStream Lock()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path + ".lock", OwnerOnly(FileMode.OpenOrCreate));
            }
            catch (IOException) when (attempt < 100)
            {
                Task.Delay(20).GetAwaiter().GetResult();
            }
        }
    }

    private void Write(Dictionary<string, string?> values)
    {
        var temporary = $"{path}.{System.Environment.ProcessId}.tmp";
        var json = new JsonObject(values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value)));
        using (var file = new FileStream(temporary, OwnerOnly(FileMode.Create)))
        {
            JsonSerializer.Serialize(file, json, s_indented);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static FileStreamOptions OwnerOnly(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}

/// <summary>Values that any other configuration source overrides.</summary>
internal sealed class MemoryConfigurationSourceOf(IReadOnlyDictionary<string, string?> values) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) =>
        new MemoryConfigurationProvider(new MemoryConfigurationSource { InitialData = values });
}
