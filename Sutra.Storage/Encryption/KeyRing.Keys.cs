using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sutra.Storage.Encryption.Ring;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Storage.Encryption;

public sealed partial class KeyRing
{
    // Names of which the hashes need not be worked out again. Emptied when full: it is there for the scopes in use at a time.
    private const int RecentScopes = 16 * 1024;

    private readonly ConcurrentDictionary<KeyScope, ulong> _recent = new();
    private int _recentCount;

    /// <summary>The key that seals for the subject, or for the collection when there is none; made, durably, when it is missing.</summary>
    /// <exception cref="KeyRingUnavailableException">It is missing, and no changes are taken.</exception>
    public ulong KeyFor(string collection, string? subject) =>
        KeyFor(string.IsNullOrEmpty(subject) ? KeyScope.ForCollection(collection) : KeyScope.ForSubject(collection, subject));

    /// <inheritdoc cref="KeyFor(string, string?)"/>
    public ulong KeyFor(KeyScope scope)
    {
        if (_recent.TryGetValue(scope, out var keyId))
        {
            return keyId;
        }

        Span<ulong> keyIds = stackalloc ulong[1];
        KeysFor([scope], keyIds);
        return keyIds[0];
    }

    /// <summary>The keys of several scopes: however many are missing, they cost two flushes together.</summary>
    /// <inheritdoc cref="KeyFor(string, string?)" path="/exception"/>
    public void KeysFor(ReadOnlySpan<KeyScope> scopes, Span<ulong> keyIds)
    {
        var tags = new ScopeTags[scopes.Length];
        for (var i = 0; i < tags.Length; i++)
        {
            tags[i] = _names.Tags(scopes[i]);
        }

        if (!Find(scopes, tags, keyIds))
        {
            lock (_writing)
            {
                // Somebody may have made them while this call waited.
                if (!Find(scopes, tags, keyIds))
                {
                    var missing = new HashSet<ScopeTags>();
                    for (var i = 0; i < tags.Length; i++)
                    {
                        if (keyIds[i] == 0)
                        {
                            missing.Add(tags[i]);
                        }
                    }

                    Make([.. missing]);
                    Find(scopes, tags, keyIds);
                }
            }
        }
    }

    /// <summary>Its key was asked for lately, and is there.</summary>
    internal bool IsRecent(KeyScope scope) => _recent.ContainsKey(scope);

    /// <summary>The key that seals for a scope, if there is one.</summary>
    public bool TryFind(KeyScope scope, out ulong keyId)
    {
        Span<ulong> found = stackalloc ulong[1];
        var result = _recent.TryGetValue(scope, out keyId) || Find([scope], [_names.Tags(scope)], found);
        keyId = keyId == 0 ? found[0] : keyId;
        return result;
    }

    public KeyState State(ulong keyId)
    {
        lock (_state)
        {
            return _index.State(keyId);
        }
    }

    /// <summary>A new key for the scope: it seals from now on, and what older ones sealed stays readable. Its id.</summary>
    /// <exception cref="KeyRingUnavailableException">No changes are taken.</exception>
    public ulong Renew(KeyScope scope)
    {
        lock (_writing)
        {
            var keyId = Make([_names.Tags(scope)])[0];
            lock (_state)
            {
                _recent.TryRemove(scope, out _);
            }

            return keyId;
        }
    }

    // False: at least one is missing, and 0.
    private bool Find(ReadOnlySpan<KeyScope> scopes, ReadOnlySpan<ScopeTags> tags, Span<ulong> keyIds)
    {
        var all = true;
        lock (_state)
        {
            _recentCount += tags.Length;
            if (_recentCount > RecentScopes)
            {
                _recent.Clear();
                _recentCount = tags.Length;
            }

            for (var i = 0; i < tags.Length; i++)
            {
                if (_index.TryFind(tags[i].Key, out keyIds[i]))
                {
                    _recent[scopes[i]] = keyIds[i];
                }
                else
                {
                    all = false;
                }
            }
        }

        return all;
    }

    // Durable before anybody learns of them.
    private ulong[] Make(List<ScopeTags> scopes)
    {
        var keyIds = new ulong[scopes.Count];
        var slots = new byte[scopes.Count * RingSlot.Size];
        Span<byte> key = stackalloc byte[Xaes256Gcm.KeySize];
        for (var i = 0; i < keyIds.Length; i++)
        {
            var index = _file.Slots + i;
            if (index >= Array.MaxLength)
            {
                throw new KeyRingUnavailableException("The key ring is full.");
            }

            keyIds[i] = RingSlot.NewId(index);
            RandomNumberGenerator.Fill(key);
            RingSlot.Write(slots.AsSpan(i * RingSlot.Size), _file.Header.RingId, keyIds[i], scopes[i], key, _file.Secrets);
        }

        CryptographicOperations.ZeroMemory(key);

        Change(() => _file.Append(slots));
        lock (_state)
        {
            for (var i = 0; i < keyIds.Length; i++)
            {
                _index.Add(keyIds[i], scopes[i]);
            }
        }

        return keyIds;
    }
}
