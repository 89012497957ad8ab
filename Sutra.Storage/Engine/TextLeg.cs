using System.Buffers;
using Sutra.Storage.Lexical;
using Sutra.Storage.Search;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

/// <summary>One question's words against all contents of a state. Parts are the active table, the frozen one if there is one, then the segments.</summary>
internal sealed class TextLeg
{
    private readonly EngineView _view;
    private readonly MemoryTable[] _tables;
    private readonly LexicalSearch _search;
    private readonly ViewFilter? _filter;

    /// <param name="filter">What may be found; null for all.</param>
    public TextLeg(EngineView view, LexicalQuery query, ViewFilter? filter = null)
    {
        _view = view;
        _filter = filter;
        _tables = view.Frozen is { } frozen ? [view.Active, frozen] : [view.Active];
        LexicalPart[] parts = [.. _tables.Select(table => table.Texts.Snapshot()), .. view.Segments.Select(segment => segment.Segment.Texts)];
        _search = new LexicalSearch(parts, query, Bm25Options.Default);
    }

    /// <summary>The best by BM25, best first, equal scores by id.</summary>
    public List<Found> Best(int count, CancellationToken cancellation = default)
    {
        var hits = ArrayPool<LexicalHit>.Shared.Rent(count);
        var found = new List<Found>();
        foreach (var hit in hits.AsSpan(0, _search.Top(new Visible(this), new ById(this), hits.AsSpan(0, count), cancellation: cancellation)))
        {
            found.Add(At(hit.Part, hit.Row, hit.Score));
        }

        ArrayPool<LexicalHit>.Shared.Return(hits);
        return found;
    }

    /// <summary>BM25 of those that have none yet.</summary>
    public void Score(IEnumerable<HybridSearch.Candidate> candidates)
    {
        var missing = candidates.Where(candidate => candidate.Text.Rank == 0).Select(candidate => (Candidate: candidate, Place: PlaceOf(candidate.Found)));
        foreach (var part in missing.GroupBy(pair => pair.Place.Part))
        {
            var inPart = part.OrderBy(pair => pair.Place.Row).ToList();
            var rows = inPart.Select(pair => pair.Place.Row).ToArray();
            var scores = new float[rows.Length];
            _search.Score(part.Key, rows, scores);
            for (var i = 0; i < scores.Length; i++)
            {
                inPart[i].Candidate.Text = new LegScore(scores[i], 0);
            }
        }
    }

    private Found At(int part, int row, float score) => part < _tables.Length
        ? new Found(score, _tables[part].ByTextRow(row))
        : new Found(score, _view.Segments[part - _tables.Length].Segment, (uint)row);

    private (int Part, int Row) PlaceOf(in Found found)
    {
        if (found.Concept is { } concept)
        {
            return (_tables[0].Has(concept) ? 0 : 1, concept.TextRow);
        }

        var segment = found.Segment;
        return (_tables.Length + Array.FindIndex(_view.Segments, view => view.Segment == segment), (int)found.Row);
    }

    private bool IsVisible(int part, int row)
    {
        if (part >= _tables.Length)
        {
            var segment = part - _tables.Length;
            return _view.Segments[segment].Segment.IsVisible((uint)row, _view.Sequence) && _filter?.In(segment).Contains((uint)row) != false;
        }

        var concept = _tables[part].ByTextRow(row);
        return concept.Born <= _view.Sequence && concept.Died > _view.Sequence && _filter?.In(_tables[part]).Accepts(concept) != false;
    }

    private ulong Id(int part, int row) => part < _tables.Length
        ? _tables[part].ByTextRow(row).Id.Value
        : _view.Segments[part - _tables.Length].Segment.Id((uint)row).Value;

    private readonly struct Visible(TextLeg leg) : IRowFilter
    {
        public bool Accepts(int part, int row) => leg.IsVisible(part, row);
    }

    private readonly struct ById(TextLeg leg) : IRowKey
    {
        public ulong Key(int part, int row) => leg.Id(part, row);
    }
}
