using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Sutra.Gateway.Keys;

/// <summary>
/// The text of an API key: <c>sutra_&lt;id&gt;_&lt;secret&gt;</c>, id and secret in base62. The id is public (it names the
/// key in files, tokens and logs); the secret has 256 bits, so that a plain SHA-256 of the text is safe to keep.
/// </summary>
public static class ApiKeyText
{
    public const string Prefix = "sutra_";
    public const int IdLength = 12;

    /// <summary>43 × log₂ 62 = 256.03 bits.</summary>
    public const int SecretLength = 43;

    public const int Length = 6 + IdLength + 1 + SecretLength;
    public const int HashLength = SHA256.HashSizeInBytes;

    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly SearchValues<char> Digits = SearchValues.Create(Base62);

    public static string NewId() => RandomNumberGenerator.GetString(Base62, IdLength);

    public static string New(string id) => $"{Prefix}{id}_{RandomNumberGenerator.GetString(Base62, SecretLength)}";

    public static bool IsId(ReadOnlySpan<char> id) => id.Length == IdLength && !id.ContainsAnyExcept(Digits);

    /// <summary>The id inside a key's text; false when the text has not the form of a key.</summary>
    public static bool TryGetId(ReadOnlySpan<char> key, out ReadOnlySpan<char> id)
    {
        id = default;
        if (key.Length != Length
            || !key.StartsWith(Prefix, StringComparison.Ordinal)
            || key[Prefix.Length + IdLength] != '_'
            || key[(Length - SecretLength)..].ContainsAnyExcept(Digits)
            || !IsId(key.Slice(Prefix.Length, IdLength)))
        {
            return false;
        }

        id = key.Slice(Prefix.Length, IdLength);
        return true;
    }

    /// <summary>SHA-256 of the whole text.</summary>
    public static void Hash(ReadOnlySpan<char> key, Span<byte> hash)
    {
        Span<byte> ascii = stackalloc byte[Length];
        SHA256.HashData(ascii[..Encoding.ASCII.GetBytes(key, ascii)], hash);
    }

    public static string HexHash(string key)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        Hash(key, hash);
        return Convert.ToHexStringLower(hash);
    }
}
