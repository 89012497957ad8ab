using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;

namespace Sutra.Storage.Collections;

// Which collections there are: one change after the other, each durable when it returns.
public sealed partial class CollectionStore
{
    /// <summary>There, durably, when it returns.</summary>
    /// <exception cref="InvalidConceptException">A name or settings that no collection can have.</exception>
    /// <exception cref="CollectionExistsException">The name is taken.</exception>
    /// <exception cref="CollectionConflictException">There are too many.</exception>
    public CollectionInfo Create(string name, CollectionSettings settings) => Create(name, settings, replacement: null);

    private CollectionInfo Create(string name, CollectionSettings settings, Replacement? replacement)
    {
        CollectionChecks.Name(name, "name");
        CollectionChecks.Settings(settings);
        return Change(() =>
        {
            RefuseIfTaken(name);
            if (replacement is { Of: var replaced })
            {
                replacement = replacement with { Of = RequireReplaceable(replaced) };
            }

            if (_catalog.Collections.Count(entry => entry.Name != Catalog.Default) + 1 >= _options.MaxCollections)
            {
                throw new CollectionConflictException($"There are {_options.MaxCollections} collections, as many as Storage:MaxCollections allows.");
            }

            var entry = new CatalogEntry(name, Guid.NewGuid(), settings, _time.GetUtcNow()) { Replacement = replacement };
            Save(_catalog with { Coming = [.. _catalog.Coming, entry.Id] });
            try
            {
                _engines[entry.Id] = _opener.Make(entry);
                Save(_catalog with { Collections = [.. _catalog.Collections, entry], Coming = Without(_catalog.Coming, entry.Id) });
            }
            catch
            {
                // The next start removes it, unless the catalog came to name it.
                _engines.TryRemove(entry.Id, out var engine);
                engine?.Dispose();
                throw;
            }

            return Describe(_catalog, name);
        });
    }

    /// <summary>Changes what may be changed of a collection's settings; its next searches and removals go by them.</summary>
    /// <exception cref="InvalidConceptException">Settings that no collection can have.</exception>
    /// <exception cref="CollectionNotFoundException">There is none.</exception>
    /// <exception cref="CollectionConflictException">It is the default one, which goes by the service's settings.</exception>
    public CollectionInfo Update(string name, int? efSearch, TimeSpan? timeToLive, bool staysForever, IReadOnlyList<ExpiryRule>? expiry = null) => Change(() =>
    {
        name = _catalog.Resolve(name);
        if (name == Catalog.Default && _catalog.Find(name) is null)
        {
            throw new CollectionConflictException("The default collection goes by the settings of the service, until it has been re-embedded.");
        }

        var entry = _catalog.Find(name) ?? throw new CollectionNotFoundException();
        var settings = entry.Settings with
        {
            EfSearch = efSearch ?? entry.Settings.EfSearch,
            TimeToLive = staysForever ? null : timeToLive ?? entry.Settings.TimeToLive,
            Expiry = expiry ?? entry.Settings.Expiry,
        };
        CollectionChecks.Settings(settings);
        Save(_catalog with { Collections = [.. _catalog.Collections.Select(other => other == entry ? entry with { Settings = settings } : other)] });
        _engines[entry.Id].EfSearch = settings.EfSearch;
        return Describe(_catalog, name);
    });

    /// <summary>
    /// Gone, durably, when it returns, with all its concepts and aliases; its keys are destroyed if the key ring takes changes. Reads under way end well. What
    /// else of removing it fails is logged, and the next start goes on with it. Holds up no other change while it removes.
    /// </summary>
    /// <exception cref="CollectionNotFoundException">There is none. An alias is no collection here.</exception>
    /// <exception cref="CollectionConflictException">It is the default one.</exception>
    public void Delete(string name)
    {
        if (name is Catalog.Default or "")
        {
            throw new CollectionConflictException("The default collection cannot be deleted.");
        }

        var (id, engine) = Change(() =>
        {
            var entry = _catalog.Find(name) ?? throw new CollectionNotFoundException();
            if (_catalog.ReplacementOf(name) is not null)
            {
                throw new CollectionConflictException("Another body of the collection is being made: cancel that first.");
            }

            Save(_catalog with
            {
                Collections = [.. _catalog.Collections.Where(other => other != entry)],
                Aliases = _catalog.Aliases.Where(pair => pair.Value != name).ToDictionary(),
                Leaving = [.. _catalog.Leaving, entry.Id],
            });
            _engines.TryRemove(entry.Id, out var removed);
            _using.AddCount();
            EndMoving(entry);
            return (entry.Id, removed);
        });
        try
        {
            FinishDeleting(id, engine!);
        }
        finally
        {
            _using.Signal();
        }
    }

    /// <summary>Makes another name mean a collection, from whichever it meant before: at once, for calls that begin afterwards.</summary>
    /// <exception cref="InvalidConceptException">A name that no alias can have.</exception>
    /// <exception cref="CollectionNotFoundException">There is no such collection.</exception>
    /// <exception cref="CollectionExistsException">A collection has the alias as its name.</exception>
    public CollectionInfo SetAlias(string alias, string name)
    {
        CollectionChecks.Name(alias, "alias");
        return Change(() =>
        {
            name = _catalog.Resolve(name);
            if (!_catalog.Exists(name))
            {
                throw new CollectionNotFoundException();
            }

            if (_catalog.Exists(alias))
            {
                throw new CollectionExistsException();
            }

            Save(_catalog with { Aliases = new Dictionary<string, string>(_catalog.Aliases, StringComparer.Ordinal) { [alias] = name } });
            return Describe(_catalog, name);
        });
    }

    /// <exception cref="CollectionNotFoundException">There is no such alias.</exception>
    public void RemoveAlias(string alias) => Change(() =>
    {
        if (!_catalog.Aliases.ContainsKey(alias))
        {
            throw new CollectionNotFoundException();
        }

        Save(_catalog with { Aliases = _catalog.Aliases.Where(pair => pair.Key != alias).ToDictionary() });
        return true;
    });

    // The engine first: a merge of it could make keys yet.
    private void FinishDeleting(Guid id, ConceptEngine engine)
    {
        var closed = _leftovers.Try(id, engine.Dispose);
        if (_leftovers.Remove(id) && closed)
        {
            lock (_changing)
            {
                if (_failure is null)
                {
                    _leftovers.Try(id, () => Forget([id]));
                }
            }
        }
    }

    // Nothing is left of them.
    private void Forget(IReadOnlyList<Guid> gone) =>
        Save(_catalog with { Leaving = Without(_catalog.Leaving, [.. gone]), Coming = Without(_catalog.Coming, [.. gone]) });

    private static Guid[] Without(IReadOnlyList<Guid> ids, params Guid[] gone) => [.. ids.Where(id => !gone.Contains(id))];

    private T Change<T>(Func<T> change)
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _failure is { } failure ? throw new CollectionConflictException(failure) : change();
        }
    }

    // A failed save leaves what the disk has unknown: no further change until the next start.
    private void Save(Catalog catalog)
    {
        try
        {
            _catalogFile.Save(catalog);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failure = $"The catalog of collections could not be written, and takes no changes until the next start: {e.Message}";
            throw;
        }

        _catalog = catalog;
    }

    private void RefuseIfTaken(string name)
    {
        if (_catalog.Exists(name) || _catalog.Aliases.ContainsKey(name))
        {
            throw new CollectionExistsException();
        }
    }
}
