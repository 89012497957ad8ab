using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;
using Sutra.Storage.Lifetime;
using Sutra.Storage.Search;

namespace Sutra.Storage.Engine;

/// <summary>
/// The concepts learned since the last checkpoint, or, frozen, those on their way into a segment. The log's writer thread changes it;
/// anybody reads who holds it (<see cref="Acquire"/>).
/// </summary>
internal sealed class MemoryTable(TextLanguage language)
{
    private readonly ConcurrentDictionary<ConceptId, StoredConcept> _concepts = new();

    // Writer thread only.
    private readonly Dictionary<string, VectorIndex> _indexes = new(StringComparer.Ordinal);
    private readonly Dictionary<VectorIndex, VectorRows> _published = [];
    private readonly HashSet<VectorIndex> _changed = [];

    private readonly MutableLexicalIndex _texts = new(language);
    private readonly MutableLexicalIndex _associations = new(language);

    // The last version of every id that ever was in it.
    private readonly ConcurrentDictionary<ConceptId, StoredConcept> _versions = new();
    private volatile StoredConcept[] _byTextRow = new StoredConcept[64];
    private long _entities;
    private long _links;
    private Holds _holds = new();

    /// <summary>What filters say of all that was ever put in.</summary>
    public RecentFilters<MemoryMatch> Filters { get; } = new((filter, _) => new MemoryMatch(filter));

    /// <summary>The words of all that was ever put in.</summary>
    public MutableLexicalIndex Texts => _texts;

    /// <summary>Pairs of concept and entity, of all that was ever put in.</summary>
    public long Entities => Volatile.Read(ref _entities);

    /// <summary>Links of all that was ever put in.</summary>
    public long Links => Volatile.Read(ref _links);

    /// <summary>Bytes of the index of entities and of links' targets.</summary>
    public long AssociationBytes => _associations.Bytes;

    /// <summary>What searches compare, as of the last <see cref="Publish"/>.</summary>
    public IReadOnlyList<VectorRows> Vectors { get; private set; } = [];

    /// <summary>Concepts in it.</summary>
    public int Rows { get; private set; }

    /// <summary>Of all that was changed since it began: what a start would have to replay.</summary>
    public long LogBytes { get; set; }

    /// <summary>Nothing is added any more, and what is removed is only marked.</summary>
    public bool Frozen { get; private set; }

    public IEnumerable<StoredConcept> Concepts => _concepts.Values;

    /// <summary>All that was ever put in, by their rows of <see cref="Texts"/>.</summary>
    public ReadOnlySpan<StoredConcept> EverAdded
    {
        get
        {
            // The array that holds so many rows was there before they were counted.
            var rows = _texts.Rows;
            return _byTextRow.AsSpan(0, rows);
        }
    }

    public bool TryGet(ConceptId id, [NotNullWhen(true)] out StoredConcept? concept) => _concepts.TryGetValue(id, out concept);

    /// <summary>The version of it that belongs to the state after record <paramref name="sequence"/>.</summary>
    public bool TryGet(ConceptId id, ulong sequence, [NotNullWhen(true)] out StoredConcept? concept)
    {
        _versions.TryGetValue(id, out concept);
        while (concept is not null && (concept.Born > sequence || concept.Died <= sequence))
        {
            concept = concept.Previous;
        }

        return concept is not null;
    }

    /// <summary>What associates all that was ever put in, by the rows of <see cref="Texts"/>.</summary>
    public AssociationPart Associations()
    {
        var terms = _associations.Snapshot();
        return new MemoryAssociations(terms, _byTextRow);
    }

    public void Add(StoredConcept concept)
    {
        if (!_indexes.TryGetValue(concept.Model, out var index))
        {
            index = new VectorIndex(concept.Model, concept.Dimension);
            _indexes.Add(concept.Model, index);
        }

        index.Add(concept, concept.Born);
        _changed.Add(index);
        AddText(concept);
        concept.Previous = _versions.GetValueOrDefault(concept.Id);
        _versions[concept.Id] = concept;
        _concepts[concept.Id] = concept;
        Rows++;
    }

    /// <summary>The concept of a row of <see cref="Texts"/>.</summary>
    public StoredConcept ByTextRow(int row) => _byTextRow[row];

    /// <summary>Whether this very version of a concept was put in here.</summary>
    public bool Has(StoredConcept concept) => concept.TextRow < _texts.Rows && _byTextRow[concept.TextRow] == concept;

    /// <summary>For each row of <see cref="Texts"/> where it goes; -1 for those that do not.</summary>
    public int[] MapTextRows(IReadOnlyList<StoredConcept> kept)
    {
        var map = new int[_texts.Rows];
        Array.Fill(map, -1);
        for (var row = 0; row < kept.Count; row++)
        {
            map[kept[row].TextRow] = row;
        }

        return map;
    }

    /// <summary>False: the last one has let go of it.</summary>
    public bool Acquire() => _holds.TryAdd();

    /// <summary>The last one frees what is not the garbage collector's.</summary>
    public void Release()
    {
        if (_holds.Remove())
        {
            _texts.Dispose();
            _associations.Dispose();
        }
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

    private void AddText(StoredConcept concept)
    {
        var row = _texts.Rows;
        if (row == _byTextRow.Length)
        {
            var grown = new StoredConcept[row * 2];
            _byTextRow.CopyTo(grown, 0);
            _byTextRow = grown;
        }

        concept.TextRow = row;
        _byTextRow[row] = concept;
        _texts.Add(row, ConceptRecord.ContentBytes(concept.Payload.Span));
        Volatile.Write(ref _entities, _entities + AssociationRecord.Entities(concept.Associations));
        Volatile.Write(ref _links, _links + AssociationRecord.Links(concept.Associations));
        AssociationRecord.AddTerms(concept.Associations, row, _associations);
    }
}
