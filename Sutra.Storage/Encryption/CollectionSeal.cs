using System.Text;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Storage.Encryption;

/// <summary>
/// Seals and opens what one collection stores: each concept with its owner's key, or the collection's where it has no owner; each file of derived data with one of its own.
/// Every member may be called by any thread at any time.
/// </summary>
/// <param name="ring">Null where nothing was ever sealed.</param>
/// <param name="mode">What is sealed from now on. What was sealed before opens in any mode.</param>
/// <param name="collection">A name that no other collection ever has.</param>
public sealed class CollectionSeal(KeyRing? ring, EncryptionMode mode, string collection)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(collection);

    /// <summary>Nothing is sealed.</summary>
    public static CollectionSeal Off { get; } = new(ring: null, EncryptionMode.Off, "off");

    public EncryptionMode Mode => mode;

    /// <summary>Where the keys of files are; null where nothing was ever sealed.</summary>
    internal KeyRing? Ring => ring;

    /// <summary>Makes and opens the key that <see cref="Seal"/> is going to want, so that the flushes of a new one hold up nobody else.</summary>
    /// <exception cref="KeyRingUnavailableException">It is missing, and the ring takes no changes.</exception>
    /// <exception cref="KeyRingException">It cannot be read.</exception>
    public void Prepare(string owner)
    {
        if (mode != EncryptionMode.Off && ring!.TryUse(ring.KeyFor(collection, owner), out var key) == KeyState.Live)
        {
            key!.Release();
        }
    }

    /// <summary>As <see cref="Prepare(string)"/>, of many: however many keys are missing, they cost two flushes.</summary>
    /// <inheritdoc cref="Prepare(string)" path="/exception"/>
    public void Prepare(IReadOnlyCollection<string> owners)
    {
        if (mode == EncryptionMode.Off)
        {
            return;
        }

        var scopes = owners.Distinct(StringComparer.Ordinal)
            .Select(owner => owner.Length == 0 ? KeyScope.ForCollection(collection) : KeyScope.ForSubject(collection, owner))
            .Where(scope => !ring!.IsRecent(scope)).ToArray();
        if (scopes.Length > 0)
        {
            ring!.KeysFor(scopes, new ulong[scopes.Length]);
        }
    }

    /// <summary>A sealed record of a concept.</summary>
    /// <inheritdoc cref="Prepare" path="/exception"/>
    internal byte[] Seal(string owner, ConceptId id, ReadOnlySpan<byte> concept)
    {
        var record = new byte[SealedRecord.SealedLength(concept.Length)];
        var place = Place(id, stackalloc byte[PlaceSize]);
        while (true)
        {
            try
            {
                ring!.Seal(ring.KeyFor(collection, owner), concept, place, record);
                return record;
            }
            catch (KeyNotUsableException e) when (e.State == KeyState.Destroyed)
            {
                // Between finding it and using it: the next one found is another.
            }
        }
    }

    /// <summary>The concept in a sealed record; null when its key was destroyed.</summary>
    /// <exception cref="InvalidDataException">It is not what was sealed for this id, or the ring is older than it.</exception>
    internal byte[]? Open(ConceptId id, ReadOnlySpan<byte> record)
    {
        if (ring is null)
        {
            throw new InvalidDataException("it is sealed, and there is no key ring");
        }

        var concept = new byte[Math.Max(0, record.Length - SealedRecord.Overhead)];
        return ring.TryOpen(record, Place(id, stackalloc byte[PlaceSize]), concept, out _) switch
        {
            OpenResult.Opened => concept,
            OpenResult.Erased => null,
            OpenResult.UnknownKey => throw new InvalidDataException("it is sealed with a key that the ring does not have: the ring is older than the data, or the record is damaged"),
            _ => throw new InvalidDataException("it is not what was sealed"),
        };
    }

    /// <summary>Whether a sealed record can never be opened again. Unproven: the key's number in it may be damaged.</summary>
    internal bool IsErased(ReadOnlySpan<byte> record) =>
        ring is not null && SealedRecord.TryReadKeyId(record, out var keyId) && ring.State(keyId) == KeyState.Destroyed;

    /// <summary>Whether any of these keys was destroyed.</summary>
    internal bool IsAnyErased(ReadOnlySpan<ulong> keyIds)
    {
        if (ring is not null)
        {
            foreach (var keyId in keyIds)
            {
                if (ring.State(keyId) == KeyState.Destroyed)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The key of a file of derived data, made when it is missing.</summary>
    internal ulong KeyOf(Guid file) => ring!.KeyFor(KeyScope.ForFile(collection, file));

    /// <summary>A file is gone: in every copy of it too.</summary>
    internal void Retire(Guid file) => ring?.Destroy(KeyScope.ForFile(collection, file));

    /// <summary>Files are gone: in every copy of them too.</summary>
    /// <inheritdoc cref="KeyRing.DestroyFiles" path="/param"/>
    internal void Retire(IEnumerable<Guid> kept, IEnumerable<Guid> gone) => ring?.DestroyFiles(collection, kept, gone);

    /// <summary>Whether sealing for the owner needs no new key.</summary>
    internal bool HasKey(string owner) =>
        mode == EncryptionMode.Off || ring!.TryFind(owner.Length == 0 ? KeyScope.ForCollection(collection) : KeyScope.ForSubject(collection, owner), out _);

    /// <summary>What the owner's key sealed is unreadable for ever when this returns.</summary>
    /// <exception cref="KeyRingUnavailableException">It is not known whether it is on the disk.</exception>
    internal void Erase(string owner) => ring?.Destroy(KeyScope.ForSubject(collection, owner));

    private int PlaceSize => _name.Length + sizeof(ulong);

    // Binds a record to its concept and collection.
    private ReadOnlySpan<byte> Place(ConceptId id, Span<byte> target)
    {
        _name.CopyTo(target);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(target[_name.Length..], id.Value);
        return target;
    }
}
