using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Sutra.Contracts.Identity;

namespace Sutra.Embedder.Caching;

/// <summary>
/// What texts are called in the cache: keyed hashes. In this process a fast one, whose key is this process's own; in Redis an
/// HMAC, so that nobody who has not the secret can find out from Redis whether a given text was embedded.
/// </summary>
internal sealed class CacheKeys
{
    // Few are in use (model × prefix × truncation); models that come and go must not pile them up.
    private const int MaxSpaces = 256;

    private readonly byte[] _own = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _shared;
    private readonly ConcurrentDictionary<string, SpaceKeys> _spaces = new(StringComparer.Ordinal);

    public CacheKeys(IOptions<CacheOptions> options, IOptions<InternalIdentityOptions> identity)
    {
        var secret = Encoding.UTF8.GetBytes(options.Value.HashKey ?? identity.Value.Key);
        _shared = Derive(secret, "sutra embedding cache: keys"u8);
        ValueKey = Derive(secret, "sutra embedding cache: values"u8);
    }

    /// <summary>For AES-256, of the values in Redis.</summary>
    public byte[] ValueKey { get; }

    public SpaceKeys Of(string space)
    {
        if (_spaces.TryGetValue(space, out var keys))
        {
            return keys;
        }

        if (_spaces.Count >= MaxSpaces)
        {
            _spaces.Clear();
        }

        // The space's length is fixed by the hash, so no space and text can be mistaken for another pair.
        var name = Encoding.UTF8.GetBytes(space);
        return _spaces.GetOrAdd(space, new SpaceKeys(SipHash.Of(HMACSHA256.HashData(_own, name)), HMACSHA256.HashData(_shared, name)));
    }

    private static byte[] Derive(byte[] secret, ReadOnlySpan<byte> purpose)
    {
        var key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: [], purpose);
        return key;
    }
}

/// <summary>The keys of one space. Thread-safe.</summary>
internal sealed class SpaceKeys(SipHash own, byte[] shared)
{
    private static ReadOnlySpan<byte> Prefix => "sutra:embedding:3:"u8;

    /// <summary>In this process.</summary>
    public VectorKey Own(string text) => own.Hash(MemoryMarshal.AsBytes(text.AsSpan()));

    /// <summary>In Redis, as ASCII: a prefix and 32 hexadecimal digits.</summary>
    public byte[][] Shared(IReadOnlyList<string> texts, ReadOnlySpan<int> places)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, shared);
        var keys = new byte[places.Length][];
        Span<byte> hash = stackalloc byte[32];
        for (var i = 0; i < keys.Length; i++)
        {
            // UTF-16, as UTF-8 has one form for all unpaired surrogates.
            hmac.AppendData(MemoryMarshal.AsBytes(texts[places[i]].AsSpan()));
            hmac.GetHashAndReset(hash);
            var key = keys[i] = new byte[Prefix.Length + 32];
            Prefix.CopyTo(key);
            Convert.TryToHexStringLower(hash[..16], key.AsSpan(Prefix.Length), out _);
        }

        return keys;
    }
}
