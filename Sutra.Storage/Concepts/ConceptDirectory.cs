using System.Diagnostics.CodeAnalysis;

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

    // Contents that have another id than their unsalted one: because it was taken (64 bits collide once in billions of concepts), or because they replaced
    // another content under its id. Each content is there once, so each has one id.
    private readonly Dictionary<UInt128, ConceptId> _salted = [];

    /// <summary>The id that content gets, if it can be learned. Nothing is changed: <see cref="Put"/> does it.</summary>
    /// <param name="restores">The concept need not be there.</param>
    /// <param name="replaced">The concept whose content it is to be; null: the id follows from the content, for good until it is removed.</param>
    public bool TryPlace(
        ContentKey key, ReadOnlySpan<byte> content, ConceptId? replaced, bool restores, string model, int dimension, out LearnResult result, [NotNullWhen(false)] out Exception? refusal)
    {
        var id = Find(key, content);
        var known = TryGet(id, out var holder);
        if (replaced is { } other && other != id)
        {
            var there = TryGet(other, out var before);
            if (!there && !restores)
            {
                return Refuse(new ConceptNotFoundException(), out result, out refusal);
            }

            if (known && holder.Check == key.Check)
            {
                return Refuse(new ContentExistsException(), out result, out refusal);
            }

            (id, known, holder) = (other, there, before);
        }
        else if (replaced is not null && !known && !restores)
        {
            return Refuse(new ConceptNotFoundException(), out result, out refusal);
        }

        if (_models.TryGetValue(model, out var use) && use.Dimension != dimension && use.Concepts > (known && holder.Model == model ? 1 : 0))
        {
            return Refuse(new InvalidConceptException("embedding", "must have the same dimension as the model's other concepts"), out result, out refusal);
        }

        (result, refusal) = (new LearnResult(id, !known), null);
        return true;
    }

    /// <summary>A content has this id from now on, and what had it before is no more.</summary>
    public void Put(ConceptId id, ContentKey key, string model, int dimension)
    {
        if (TryGet(id, out var before))
        {
            Release(before.Model);
            ForgetSalted(id, before.Check);
        }

        Use(model, dimension).Concepts++;
        _ahead[id] = new ConceptHolder(key.Check, model);
        if (id != key.Id)
        {
            _salted[key.Check] = id;
        }
    }

    /// <summary>Whether there are concepts of another model.</summary>
    public bool HasOtherThan(string model) => _models.Count > (_models.ContainsKey(model) ? 1 : 0);

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
        ForgetSalted(id, holder.Check);
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

    // A content that has another id is looked up first: the id before it in its chain may be free by now.
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

    private void ForgetSalted(ConceptId id, UInt128 check)
    {
        if (_salted.Count > 0 && _salted.TryGetValue(check, out var salted) && salted == id)
        {
            _salted.Remove(check);
        }
    }

    private static bool Refuse(Exception with, out LearnResult result, out Exception refusal)
    {
        (result, refusal) = (default, with);
        return false;
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
