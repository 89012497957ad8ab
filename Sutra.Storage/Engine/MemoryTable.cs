using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sutra.Storage.Concepts;
using Sutra.Storage.Search;

namespace Sutra.Storage.Engine;

/// <summary>
/// The concepts learned since the last checkpoint, or, frozen, those on their way into a segment. The log's writer thread changes it;
/// anybody reads.
/// </summary>
internal sealed class MemoryTable
{
    private readonly ConcurrentDictionary<ConceptId, StoredConcept> _concepts = new();

    // Writer thread only.
    private readonly Dictionary<string, VectorIndex> _indexes = new(StringComparer.Ordinal);
    private readonly Dictionary<VectorIndex, VectorRows> _published = [];
    private readonly HashSet<VectorIndex> _changed = [];

    /// <summary>What searches compare, as of the last <see cref="Publish"/>.</summary>
    public IReadOnlyList<VectorRows> Vectors { get; private set; } = [];

    /// <summary>Concepts in it.</summary>
    public int Rows { get; private set; }

    /// <summary>Of all that was changed since it began: what a start would have to replay.</summary>
    public long LogBytes { get; set; }

    /// <summary>Nothing is added any more, and what is removed is only marked.</summary>
    public bool Frozen { get; private set; }

    public IEnumerable<StoredConcept> Concepts => _concepts.Values;

    public bool TryGet(ConceptId id, [NotNullWhen(true)] out StoredConcept? concept) => _concepts.TryGetValue(id, out concept);

    public void Add(StoredConcept concept)
    {
        if (!_indexes.TryGetValue(concept.Model, out var index))
        {
            index = new VectorIndex(concept.Model, concept.Dimension);
            _indexes.Add(concept.Model, index);
        }

        index.Add(concept, concept.Born);
        _changed.Add(index);
        _concepts[concept.Id] = concept;
        Rows++;
    }

    /// <param name="replaced">The same id is about to be added: until then readers find what was there.</param>
    public void Remove(StoredConcept concept, ulong sequence, bool replaced)
    {
        concept.Died = sequence;
        var index = concept.Index!;
        index.Remove(concept, sequence);
        if (Frozen)
        {
            return;
        }

        Rows--;
        _changed.Add(index);
        if (!replaced)
        {
            _concepts.TryRemove(concept.Id, out _);
        }

        if (index.Live == 0)
        {
            // The model may come back, with another dimension even.
            _indexes.Remove(concept.Model);
        }
    }

    /// <summary>Makes every change so far visible to the state that is published next.</summary>
    public void Publish()
    {
        if (_changed.Count == 0)
        {
            return;
        }

        foreach (var index in _changed)
        {
            if (index.Live == 0)
            {
                _published.Remove(index);
            }
            else
            {
                _published[index] = index.Publish();
            }
        }

        _changed.Clear();
        Vectors = [.. _published.Values];
    }

    public void Freeze()
    {
        Frozen = true;
        foreach (var index in _indexes.Values)
        {
            index.Frozen = true;
        }
    }
}
