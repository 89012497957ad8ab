using Sutra.Storage.Concepts;

namespace Sutra.Storage.Search;

/// <summary>
/// The vectors of one model, compared one by one. The log's writer thread changes it; searches see the state after one whole
/// record, as of the last <see cref="Publish"/>, however long they take, and hold up nobody.
/// </summary>
internal sealed class VectorIndex(string model, int dimension)
{
    private volatile View _view = new([], LastCount: 0, Sequence: 0);
    private VectorBlock[] _blocks = [];
    private long _vectorBytes;
    private int _live;

    public string Model { get; } = model;

    public int Dimension { get; } = dimension;

    /// <summary>Vectors in it, those included that the next <see cref="Publish"/> makes visible.</summary>
    public int Live => Volatile.Read(ref _live);

    public long VectorBytes => Volatile.Read(ref _vectorBytes);

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
        if (block.Dead * 2 > block.Capacity && block.Count == block.Capacity)
        {
            ThinOut(block);
        }
    }

    /// <summary>Makes every change up to record <paramref name="sequence"/> visible to searches that begin from now on.</summary>
    public void Publish(ulong sequence) => _view = new View(_blocks, _blocks.Length == 0 ? 0 : _blocks[^1].Count, sequence);

    /// <summary>The best <paramref name="topK"/> by cosine similarity, best first, equal scores by id.</summary>
    /// <param name="query">Normalised, of this index's dimension.</param>
    public SearchHit[] Search(ReadOnlySpan<float> query, int topK)
    {
        var view = _view;
        using var best = new TopK(topK);
        for (var i = 0; i < view.Blocks.Length; i++)
        {
            var block = view.Blocks[i];
            var rows = i == view.Blocks.Length - 1 ? view.LastCount : block.Capacity;
            Scan(block, rows, view.Sequence, query, best);
        }

        return best.ToHits();
    }

    private static void Scan(VectorBlock block, int rows, ulong sequence, ReadOnlySpan<float> query, TopK best)
    {
        Span<float> scores = stackalloc float[CosineKernel.Batch];
        for (var row = 0; row < rows; row += CosineKernel.Batch)
        {
            var count = Math.Min(CosineKernel.Batch, rows - row);
            CosineKernel.Score(query, block.Rows(rows)[(row * query.Length)..], scores[..count]);
            for (var i = 0; i < count; i++)
            {
                // Most rows end at this comparison; what a row is worth otherwise is looked up only for the few others.
                if (scores[i] >= best.Threshold && block.IsVisible(row + i, sequence))
                {
                    best.Offer(scores[i], block.Concept(row + i));
                }
            }
        }
    }

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

    // All blocks but the last are full.
    private sealed record View(VectorBlock[] Blocks, int LastCount, ulong Sequence);
}
