using Sutra.Storage.Concepts;

namespace Sutra.Storage.Search;

/// <summary>
/// The vectors of one model that are in memory, compared one by one. The log's writer thread changes it; searches read a <see cref="VectorRows"/>
/// of it, however long they take, and hold up nobody.
/// </summary>
internal sealed class VectorIndex(string model, int dimension)
{
    private VectorBlock[] _blocks = [];
    private long _vectorBytes;
    private int _live;

    public string Model { get; } = model;

    public int Dimension { get; } = dimension;

    /// <summary>Vectors in it, those included that the next <see cref="Publish"/> makes visible.</summary>
    public int Live => Volatile.Read(ref _live);

    public long VectorBytes => Volatile.Read(ref _vectorBytes);

    /// <summary>From now on rows stay where they are.</summary>
    public bool Frozen { get; set; }

    public void Add(StoredConcept concept, ulong sequence)
    {
        var block = BlockWithRoom();
        ConceptVector.Normalise(concept.Payload.Span, block.NextRow());
        Place(concept, block, sequence);
        concept.Index = this;
        Volatile.Write(ref _live, _live + 1);
    }

    public void Remove(StoredConcept concept, ulong sequence)
    {
        var block = concept.Block!;
        block.Remove(concept.Row, sequence);
        Volatile.Write(ref _live, _live - 1);
        if (!Frozen && block.Dead * 2 > block.Capacity && block.Count == block.Capacity)
        {
            ThinOut(block);
        }
    }

    /// <summary>What there is up to the last change.</summary>
    public VectorRows Publish() => new(this, _blocks, _blocks.Length == 0 ? 0 : _blocks[^1].Count);

    private VectorBlock BlockWithRoom()
    {
        if (_blocks.Length > 0 && _blocks[^1].Count < _blocks[^1].Capacity)
        {
            return _blocks[^1];
        }

        var block = new VectorBlock(Dimension);
        _blocks = [.. _blocks, block];
        Volatile.Write(ref _vectorBytes, _vectorBytes + block.VectorBytes);
        return block;
    }

    // Rows that live move to the end with their births, and the block is dropped. Searches that began before keep the block
    // and see in it what they saw; it is collected after the last of them.
    private void ThinOut(VectorBlock block)
    {
        _blocks = [.. _blocks.Where(other => other != block)];
        Volatile.Write(ref _vectorBytes, _vectorBytes - block.VectorBytes);
        for (var row = 0; row < block.Count; row++)
        {
            if (block.IsAlive(row))
            {
                var target = BlockWithRoom();
                block.Row(row).CopyTo(target.NextRow());
                Place(block.Concept(row), target, block.Born(row));
            }
        }
    }

    private static void Place(StoredConcept concept, VectorBlock block, ulong born)
    {
        concept.Row = block.Add(concept, born);
        concept.Block = block;
    }
}
