using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Storage.Encryption.Masters;

/// <summary>Finds the bytes of a master key in the environment or a file; they live in pinned memory that is zeroed.</summary>
internal static class MasterKeyReader
{
    // Base64 of 32 bytes, and what editors and secret stores put around it.
    private const int LongestFile = 256;
    private const UnixFileMode Others = (UnixFileMode)0b000_111_111;

    /// <summary>One set of the current key and the older ones.</summary>
    public static MasterKeySet ReadAll(Func<string, SecretBytes> read, string current, IEnumerable<string> older)
    {
        using var first = read(current);
        var keys = new MasterKeySet(first.Span);
        try
        {
            foreach (var place in older)
            {
                using var key = read(place);
                keys.WithOlder(key.Span);
            }
        }
        catch
        {
            keys.Dispose();
            throw;
        }

        return keys;
    }

    /// <exception cref="MasterKeyException">Not set, or not base64 of 32 bytes.</exception>
    public static SecretBytes FromEnvironment(string variable)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new MasterKeyException($"Environment variable {variable} is not set: it must hold the master key, base64 of 32 bytes.");
        }

        using var bytes = new SecretBytes(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, bytes.Span);
        return FromBase64(bytes.Span[..length])
            ?? throw new MasterKeyException($"Environment variable {variable} is not a master key: it must hold base64 of 32 bytes.");
    }

    /// <summary>
    /// 32 raw bytes, or base64 of them. Not through the engine's file layer: a key is no data, and must not lie beside it.
    /// </summary>
    /// <exception cref="MasterKeyException">Cannot be read, others may read it, or it holds no key.</exception>
    public static SecretBytes FromFile(string path)
    {
        using var bytes = new SecretBytes(LongestFile + 1);
        int length;
        try
        {
            using var file = File.OpenHandle(path);
            // Of the open file: a link's own mode says nothing, and a path can change between a look and an open.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0)
            {
                throw new MasterKeyException($"Master key file '{path}' may be used by others than its owner: take that away (chmod 400).");
            }

            length = RandomAccess.Read(file, bytes.Span, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new MasterKeyException($"Master key file '{path}' cannot be read: {e.Message}", e);
        }

        if (length == MasterKeySet.KeySize)
        {
            var raw = new SecretBytes(MasterKeySet.KeySize);
            bytes.Span[..length].CopyTo(raw.Span);
            return raw;
        }

        return (length <= LongestFile ? FromBase64(bytes.Span[..length]) : null)
            ?? throw new MasterKeyException($"Master key file '{path}' holds no master key: it must be 32 bytes, or base64 of them.");
    }

    // Base64.DecodeFromUtf8 passes over white space, as a newline at the end.
    private static SecretBytes? FromBase64(ReadOnlySpan<byte> text)
    {
        using var decoded = new SecretBytes(Base64.GetMaxDecodedFromUtf8Length(text.Length));
        if (Base64.DecodeFromUtf8(text, decoded.Span, out _, out var written) != System.Buffers.OperationStatus.Done || written != MasterKeySet.KeySize)
        {
            return null;
        }

        var key = new SecretBytes(MasterKeySet.KeySize);
        decoded.Span[..written].CopyTo(key.Span);
        return key;
    }
}
