namespace Sutra.Storage.Concepts;

/// <summary>
/// Who holds which id, and which dimension a model has, as of the last record whose place in the log is decided: ahead of what is
/// applied by the group being written. Only the log's writer thread uses it (and recovery before that). When a write fails
/// it stays ahead, which does no harm: nothing is written after a failure.
/// </summary>
internal sealed class ConceptDirectory(ConceptIdentity identity)
{
    private readonly Dictionary<ConceptId, Holder> _holders = [];
    private readonly Dictionary<string, ModelUse> _models = new(StringComparer.Ordinal);

    // Contents that could not have their unsalted id. Nearly always empty: 64 bits collide once in billions of concepts.
    private readonly Dictionary<UInt128, ConceptId> _salted = [];

    public bool Holds(ConceptId id) => _holders.ContainsKey(id);

    /// <summary>Gives content its id, for good until it is removed.</summary>
    /// <returns>Null when the model's other concepts have another dimension; nothing is changed then.</returns>
    public LearnResult? Learn(ContentKey key, ReadOnlySpan<byte> content, string model, int dimension)
    {
        var id = Find(key, content);
        var known = _holders.TryGetValue(id, out var holder);
        if (_models.TryGetValue(model, out var use) && use.Dimension != dimension && use.Concepts > (known && holder.Model == use ? 1 : 0))
        {
            return null;
        }

        Put(id, key, model, dimension);
        return new LearnResult(id, !known);
    }

    /// <summary>A record of the log says that the content has this id.</summary>
    public void Restore(ConceptId id, ContentKey key, string model, int dimension) => Put(id, key, model, dimension);

    public bool Remove(ConceptId id)
    {
        if (!_holders.Remove(id, out var holder))
        {
            return false;
        }

        Release(holder.Model);
        if (_salted.Count > 0 && _salted.TryGetValue(holder.Check, out var salted) && salted == id)
        {
            _salted.Remove(holder.Check);
        }

        return true;
    }

    // A content that once was salted is looked up first: the id before it in its chain may be free by now.
    private ConceptId Find(ContentKey key, ReadOnlySpan<byte> content)
    {
        if (_salted.Count > 0 && _salted.TryGetValue(key.Check, out var known))
        {
            return known;
        }

        var id = key.Id;
        for (var salt = 1U; _holders.TryGetValue(id, out var holder) && holder.Check != key.Check; salt++)
        {
            id = identity.Id(content, salt);
        }

        return id;
    }

    private void Put(ConceptId id, ContentKey key, string model, int dimension)
    {
        if (_holders.TryGetValue(id, out var before))
        {
            Release(before.Model);
        }

        if (!_models.TryGetValue(model, out var use))
        {
            use = new ModelUse(model, dimension);
            _models.Add(model, use);
        }

        use.Concepts++;
        _holders[id] = new Holder(key.Check, use);
        if (id != key.Id)
        {
            _salted[key.Check] = id;
        }
    }

    private void Release(ModelUse use)
    {
        if (--use.Concepts == 0)
        {
            _models.Remove(use.Name);
        }
    }

    private readonly record struct Holder(UInt128 Check, ModelUse Model);

    private sealed class ModelUse(string name, int dimension)
    {
        public string Name { get; } = name;

        public int Dimension { get; } = dimension;

        public int Concepts { get; set; }
    }
}
