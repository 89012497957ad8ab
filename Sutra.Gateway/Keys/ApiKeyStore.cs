using System.Collections.Frozen;
using System.Security.Cryptography;
using Sutra.Contracts.Identity;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Gateway.Keys;

/// <summary>The API keys in force: an immutable snapshot of the key file, replaced as a whole when the file changes.</summary>
public sealed class ApiKeyStore
{
    // What an unknown id is compared with, so that it costs what a known one costs.
    private static readonly byte[] NobodysHash = RandomNumberGenerator.GetBytes(ApiKeyText.HashLength);

    private readonly string _path;
    private volatile FrozenDictionary<string, ApiKey> _keys;
    private FileStamp _stamp;

    private ApiKeyStore(string path, FileStamp stamp, IReadOnlyList<ApiKey> keys, string? firstKey)
    {
        _path = path;
        _stamp = stamp;
        _keys = Index(keys);
        FirstKey = firstKey;
    }

    /// <summary>The plain text of the key that <see cref="Open"/> made, when it made one.</summary>
    internal string? FirstKey { get; }

    public int Count => _keys.Count;

    /// <summary>Reads the key file or, when there is none, makes it with one key that has every scope.</summary>
    /// <exception cref="StartupException">A file is corrupt, unreadable or cannot be written; no key is ever made in place of a file that is there.</exception>
    public static ApiKeyStore Open(GatewayOptions options, TimeProvider time)
    {
        try
        {
            var firstKey = File.Exists(options.KeysPath) ? null : CreateFirstKey(options, time);
            var stamp = FileStamp.Of(options.KeysPath);
            return new ApiKeyStore(options.KeysPath, stamp, KeyFile.Read(options.KeysPath), firstKey);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StartupException(e.Message, e);
        }
    }

    /// <returns>The key whose text was presented, or null; every refusal of a well-formed text takes the same steps.</returns>
    public ApiKey? Find(ReadOnlySpan<char> presented)
    {
        if (!ApiKeyText.TryGetId(presented, out var id))
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[ApiKeyText.HashLength];
        ApiKeyText.Hash(presented, hash);
        var known = _keys.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var key);
        var same = CryptographicOperations.FixedTimeEquals(hash, known ? key!.HashBytes : NobodysHash);
        return known && same ? key : null;
    }

    /// <summary>Takes over the file's keys when it has changed since it was last read. One caller at a time.</summary>
    /// <returns>True when the keys were replaced.</returns>
    /// <exception cref="InvalidDataException">The changed file is corrupt; the keys in force stay, and it is not reported again until it changes.</exception>
    /// <exception cref="IOException">The file cannot be read (as above).</exception>
    internal bool ReloadIfChanged()
    {
        var stamp = FileStamp.Of(_path);
        if (stamp == _stamp)
        {
            return false;
        }

        // Taken before reading: a change in the middle of it will be seen next time.
        _stamp = stamp;
        _keys = Index(KeyFile.Read(_path));
        return true;
    }

    private static FrozenDictionary<string, ApiKey> Index(IReadOnlyList<ApiKey> keys) =>
        keys.ToFrozenDictionary(key => key.Id, StringComparer.Ordinal);

    private static string CreateFirstKey(GatewayOptions options, TimeProvider time)
    {
        var id = ApiKeyText.NewId();
        var text = ApiKeyText.New(id);
        var key = new ApiKey(id, "first key", ApiKeyText.HexHash(text), Permissions.All, time.GetUtcNow());

        // In this order: a crash in between leaves a key that nobody can use, not a gateway whose only key nobody knows.
        PrivateFile.Write(options.FirstKeyPath, text + "\n", replace: true);
        KeyFile.Write(options.KeysPath, [key], replace: false);
        return text;
    }

    private readonly record struct FileStamp(DateTime Written, long Length)
    {
        public static FileStamp Of(string path)
        {
            var file = new FileInfo(path);
            return file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
        }
    }
}
