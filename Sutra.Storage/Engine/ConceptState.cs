using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sutra.Storage.Concepts;
using Sutra.Storage.Log;
using Sutra.Storage.Search;

namespace Sutra.Storage.Engine;

/// <summary>
/// What the log's records add up to: concepts by id, and their vectors by model. Recovery and the log's writer thread
/// change it, in the order of the log; anybody reads it.
/// </summary>
internal sealed class ConceptState(ConceptIdentity identity) : ILogFollower
{
    private readonly ConcurrentDictionary<ConceptId, StoredConcept> _concepts = new();
    private readonly ConcurrentDictionary<string, VectorIndex> _indexes = new(StringComparer.Ordinal);

    // Writer thread only: what the next record changes. Searches get it when the group is applied, and until then what was before.
    private readonly Dictionary<string, VectorIndex> _next = new(StringComparer.Ordinal);
    private readonly HashSet<VectorIndex> _changed = [];
    private long _count;

    // Writer thread only.
    public ConceptDirectory Directory { get; } = new(identity);

    public long Count => Volatile.Read(ref _count);

    public IReadOnlyDictionary<string, long> CountByModel => _indexes.ToDictionary(pair => pair.Key, pair => (long)pair.Value.Live, StringComparer.Ordinal);

    public long VectorBytes => _indexes.Values.Sum(index => index.VectorBytes);

    public bool TryGet(ConceptId id, [NotNullWhen(true)] out StoredConcept? concept) => _concepts.TryGetValue(id, out concept);

    public bool TryGetIndex(string model, [NotNullWhen(true)] out VectorIndex? index) => _indexes.TryGetValue(model, out index);

    public void Learn(byte[] payload, string model, ulong sequence)
    {
        var concept = new StoredConcept(payload, model);
        if (_concepts.TryGetValue(concept.Id, out var before))
        {
            RemoveVector(before, sequence);
        }
        else
        {
            Volatile.Write(ref _count, _count + 1);
        }

        if (!_next.TryGetValue(model, out var index))
        {
            index = new VectorIndex(model, concept.Dimension);
            _next.Add(model, index);
        }

        index.Add(concept, sequence);
        _changed.Add(index);
        _concepts[concept.Id] = concept;
    }

    public void Delete(ConceptId id, ulong sequence)
    {
        if (_concepts.TryRemove(id, out var concept))
        {
            RemoveVector(concept, sequence);
            Volatile.Write(ref _count, _count - 1);
        }
    }

    public void Replay(RecordType type, ulong sequence, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case RecordType.Learn:
                ConceptRecord.CheckHead(payload);
                var model = ConceptRecord.Model(payload);
                Directory.Restore(ConceptRecord.Id(payload), identity.Key(ConceptRecord.ContentBytes(payload)), model, ConceptRecord.Dimension(payload));
                Learn(payload.ToArray(), model, sequence);
                break;
            case RecordType.Delete:
                var id = ConceptRecord.ReadDelete(payload);
                Directory.Remove(id);
                Delete(id, sequence);
                break;
        }

        GroupApplied(sequence);
    }

    public void GroupApplied(ulong sequence)
    {
        foreach (var index in _changed)
        {
            if (!_next.TryGetValue(index.Model, out var next))
            {
                _indexes.TryRemove(index.Model, out _);
            }
            else if (next == index)
            {
                index.Publish(sequence);
                _indexes[index.Model] = index;
            }
        }

        _changed.Clear();
    }

    private void RemoveVector(StoredConcept concept, ulong sequence)
    {
        var index = concept.Index!;
        index.Remove(concept, sequence);
        _changed.Add(index);
        if (index.Live == 0)
        {
            // The model may come back, with another dimension even.
            _next.Remove(concept.Model);
        }
    }
}
