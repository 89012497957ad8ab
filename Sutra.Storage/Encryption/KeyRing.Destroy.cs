using Sutra.Storage.Encryption.Ring;

namespace Sutra.Storage.Encryption;

public sealed partial class KeyRing
{
    private const int SlotsAtOnce = 1024;

    /// <summary>
    /// Destroys all keys of a scope, renewed ones too: overwritten in the file and on the disk when it returns, and remembered as
    /// destroyed for ever. A key made for the same scope later is another one. Not all or nothing over several keys: after an exception
    /// or a power cut each is destroyed or still there, and calling again is right.
    /// </summary>
    /// <returns>Keys destroyed; 0 when the scope has none.</returns>
    /// <exception cref="KeyRingUnavailableException">It is not known which are destroyed on the disk; in this process all are.</exception>
    public int Destroy(KeyScope scope)
    {
        var tags = _names.Tags(scope);
        lock (_writing)
        {
            List<ulong> keyIds;
            lock (_state)
            {
                keyIds = _index.Generations(tags.Key);
            }

            return Destroy([.. keyIds.Select(keyId => (keyId, tags.Key))]);
        }
    }

    /// <summary>Destroys the subject's keys in all collections. Reads the whole ring: some 50 ms a million keys.</summary>
    /// <inheritdoc cref="Destroy(KeyScope)"/>
    public int DestroySubject(string subject)
    {
        var name = _names.Tag(KeyKind.Subject, subject);
        return DestroyWhere(tags => tags.Kind == KeyKind.Subject && tags.Name == name);
    }

    /// <summary>Destroys a collection's key and those of its subjects and files: the collection is erased.</summary>
    /// <inheritdoc cref="DestroySubject"/>
    public int DestroyCollection(string collection)
    {
        var name = _names.Tag(KeyKind.Collection, collection);
        return DestroyWhere(tags => tags.Collection == name);
    }

    /// <summary>Destroys the keys of a collection's files that are gone. Takes as long as there are files, and as going through <paramref name="gone"/> to the last that has a key.</summary>
    /// <param name="kept">Files that are there.</param>
    /// <param name="gone">Files that are not, those likely to have a key first. Files that are in neither are left alone.</param>
    /// <inheritdoc cref="Destroy(KeyScope)"/>
    public int DestroyFiles(string collection, IEnumerable<Guid> kept, IEnumerable<Guid> gone)
    {
        HashSet<UInt128> left;
        lock (_state)
        {
            left = [.. _index.Files(_names.Collection(collection))];
        }

        left.ExceptWith(kept.Select(file => _names.Tags(KeyScope.ForFile(collection, file)).Key));
        if (left.Count == 0)
        {
            return 0;
        }

        lock (_writing)
        {
            var keys = new List<(ulong, UInt128)>();
            foreach (var scope in gone.Select(file => _names.Tags(KeyScope.ForFile(collection, file)).Key))
            {
                if (left.Remove(scope))
                {
                    lock (_state)
                    {
                        keys.AddRange(_index.Generations(scope).Select(keyId => (keyId, scope)));
                    }

                    if (left.Count == 0)
                    {
                        break;
                    }
                }
            }

            return Destroy(keys);
        }
    }

    private int DestroyWhere(Func<ScopeTags, bool> matches)
    {
        lock (_writing)
        {
            var found = new List<(ulong, UInt128)>();
            var buffer = new byte[SlotsAtOnce * RingSlot.Size];
            for (long first = 0; first < _file.Slots;)
            {
                var count = _file.ReadSlots(first, buffer);
                for (var i = 0; i < count; i++)
                {
                    var slot = buffer.AsSpan(i * RingSlot.Size, RingSlot.Size);
                    var tags = RingSlot.Tags(slot);
                    if (matches(tags) && State(RingSlot.Id(slot)) == KeyState.Live)
                    {
                        found.Add((RingSlot.Id(slot), tags.Key));
                    }
                }

                first += count;
            }

            return Destroy(found);
        }
    }

    private int Destroy(List<(ulong KeyId, UInt128 Scope)> keys)
    {
        if (keys.Count == 0)
        {
            return 0;
        }

        Change(() =>
        {
            // Out of memory first: nothing is sealed with a key whose end is on its way to the disk.
            lock (_state)
            {
                _recent.Clear();
                foreach (var (keyId, scope) in keys)
                {
                    _index.Destroy(keyId, scope);
                }

                Forget(keys.Select(key => key.KeyId));
            }

            _file.Destroy([.. keys.Select(key => key.KeyId)]);
        });
        if (_logger is not null)
        {
            Log.Destroyed(_logger, keys.Count);
        }

        return keys.Count;
    }
}
