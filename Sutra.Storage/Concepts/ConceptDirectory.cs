namespace Sutra.Storage.Concepts;

/// <summary>
/// Who holds which id, and which dimension a model has, as of the last record whose place in the log is decided: ahead of what is
/// applied by the group being written. Only the log's writer thread uses it (and recovery before that). When a write fails
/// it stays ahead, which does no harm: nothing is written after a failure.
/// </summary>
internal sealed class ConceptDirectory(ConceptIdentity identity, IConceptHolders applied)
{
    // What the records do that are not applied yet; null is a removal.
    private readonly Dictionary<ConceptId, ConceptHolder?> _ahead = [];
    private readonly Dictionary<string, ModelUse> _models = new(StringComparer.Ordinal);

    // Contents that could not have their unsalted id. Nearly always empty: 64 bits collide once in billions of concepts.
    private readonly Dictionary<UInt128, ConceptId> _salted = [];

    /// <summary>Gives content its id, for good until it is removed.</summary>
    /// <returns>Null when the model's other concepts have another dimension; nothing is changed then.</returns>
    public LearnResult? Learn(ContentKey key, ReadOnlySpan<byte> content, string model, int dimension)
    {
        var id = Find(key, content);
        var known = TryGet(id, out var holder);
        if (_models.TryGetValue(model, out var use) && use.Dimension != dimension && use.Concepts > (known && holder.Model == model ? 1 : 0))
        {
            return null;
        }

        Put(id, key, model, dimension);
        return new LearnResult(id, !known);
    }

    /// <summary>Whether there are concepts of another model.</summary>
    public bool HasOtherThan(string model) => _models.Count > (_models.ContainsKey(model) ? 1 : 0);

    /// <summary>A record of the log says that the content has this id.</summary>
    public void Restore(ConceptId id, ContentKey key, string model, int dimension) => Put(id, key, model, dimension);

    /// <summary>Concepts of a model that were there before the log begins.</summary>
    public void Restore(string model, int dimension, long concepts) => Use(model, dimension).Concepts += concepts;

    /// <summary>Of those, one that could not have its unsalted id.</summary>
    public void RestoreSalted(ConceptId id, UInt128 check) => _salted[check] = id;

    public bool Remove(ConceptId id)
    {
        if (!TryGet(id, out var holder))
        {
            return false;
        }

        _ahead[id] = null;
        Release(holder.Model);
        if (_salted.Count > 0 && _salted.TryGetValue(holder.Check, out var salted) && salted == id)
        {
            _salted.Remove(holder.Check);
        }

        return true;
    }

    /// <summary>Whether a record that is not applied yet changes the id.</summary>
    public bool IsAhead(ConceptId id) => _ahead.ContainsKey(id);

    /// <summary>All that was decided is applied.</summary>
    public void Applied() => _ahead.Clear();

    private bool TryGet(ConceptId id, out ConceptHolder holder)
    {
        if (_ahead.Count > 0 && _ahead.TryGetValue(id, out var ahead))
        {
            holder = ahead.GetValueOrDefault();
            return ahead is not null;
        }

        return applied.TryGetHolder(id, out holder);
    }

    // A content that once was salted is looked up first: the id before it in its chain may be free by now.
    private ConceptId Find(ContentKey key, ReadOnlySpan<byte> content)
    {
        if (_salted.Count > 0 && _salted.TryGetValue(key.Check, out var known))
        {
            return known;
        }

        var id = key.Id;
        for (var salt = 1U; TryGet(id, out var holder) && holder.Check != key.Check; salt++)
        {
            id = identity.Id(content, salt);
        }

        return id;
    }

    private void Put(ConceptId id, ContentKey key, string model, int dimension)
    {
        if (TryGet(id, out var before))
        {
            Release(before.Model);
        }

        Use(model, dimension).Concepts++;
        _ahead[id] = new ConceptHolder(key.Check, model);
        if (id != key.Id)
        {
            _salted[key.Check] = id;
        }
    }

    private ModelUse Use(string model, int dimension)
    {
        if (!_models.TryGetValue(model, out var use))
        {
            use = new ModelUse(dimension);
            _models.Add(model, use);
        }

        return use;
    }

    private void Release(string model)
    {
        if (--_models[model].Concepts == 0)
        {
            _models.Remove(model);
        }
    }

    private sealed class ModelUse(int dimension)
    {
        public int Dimension { get; } = dimension;

        public long Concepts { get; set; }
    }
}
