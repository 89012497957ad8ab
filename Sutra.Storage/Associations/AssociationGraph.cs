using System.Text;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Lexical;
using Sutra.Storage.Search;

namespace Sutra.Storage.Associations;

/// <param name="Target">Where it leads.</param>
/// <param name="Weight">0 to 1.</param>
internal readonly record struct Edge(Found Target, AssociationKind Kind, string Label, bool Incoming, float Weight);

/// <summary>
/// The associations of the concepts of one state, found when asked for. An association is there when both its ends are. For one question: it remembers what it looked up.
/// </summary>
internal sealed class AssociationGraph
{
    // However few there are: what so many name may still say something.
    private const int AlwaysAllowed = 8;

    // An entity that more than a fifth of all concepts name says nothing.
    private const int LargestShare = 5;

    // So many postings are looked through for each that may count; the others are of what was removed.
    private const int Dead = 16;

    // Links to one concept that are followed.
    private const int MostIncoming = 4_096;

    private readonly EngineView _view;
    private readonly RelatedOptions _options;
    private readonly ViewFilter? _filter;
    private readonly int _ef;
    private readonly TraversalBudget _budget;
    private readonly MemoryTable[] _tables;
    private readonly AssociationPart[] _parts;
    private readonly int _mostConcepts;
    private readonly Dictionary<string, Members> _entities = new(StringComparer.Ordinal);

    /// <param name="ef">Candidates of a search for neighbours.</param>
    /// <param name="budget">What looking may cost.</param>
    /// <param name="filter">What may be a neighbour; null for all.</param>
    public AssociationGraph(EngineView view, RelatedOptions options, int ef, TraversalBudget budget, ViewFilter? filter = null)
    {
        _budget = budget;
        _filter = filter;
        _view = view;
        _options = options;
        _ef = ef;
        _tables = view.Frozen is { } frozen ? [view.Active, frozen] : [view.Active];
        _parts = [.. _tables.Select(table => table.Associations()), .. view.Segments.Select(segment => segment.Segment.Associations)];
        _mostConcepts = (int)Math.Min(options.EntityConcepts, Math.Max(AlwaysAllowed, view.Count / LargestShare));
    }

    /// <summary>Some links to a concept were left out: there are too many.</summary>
    public bool HasLeftOut { get; private set; }

    public bool TryFind(ConceptId id, out Found found)
    {
        foreach (var table in _tables)
        {
            if (table.TryGet(id, _view.Sequence, out var concept))
            {
                found = new Found(0, concept);
                return true;
            }
        }

        foreach (var view in _view.Segments)
        {
            if (view.Segment.TryFind(id, out var row, out _) && view.Segment.IsVisible(row, _view.Sequence))
            {
                found = new Found(0, view.Segment, row);
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>
    /// Everything that is associated with a concept, in an order that depends on where things lie; the concept itself is not. Some of it when the budget ends.
    /// </summary>
    /// <param name="edges">Takes them.</param>
    /// <exception cref="InvalidDataException">A section is damaged; so says a vector that is (<see cref="Segments.SegmentCorruptException"/>).</exception>
    public void Edges(in Found node, List<Edge> edges)
    {
        var record = node.Concept is { } concept ? concept.Associations : node.Segment!.Associations.Record((int)node.Row);
        if (_options.LinkWeight > 0)
        {
            Links(node.Id, record, edges);
        }

        if (_options.EntityWeight > 0 && !_budget.Spent)
        {
            Entities(node.Id, record, edges);
        }

        if (_options.NeighbourWeight > 0 && !_budget.Spent)
        {
            Neighbours(node, edges);
        }
    }

    private void Links(ConceptId id, ReadOnlySpan<byte> record, List<Edge> edges)
    {
        for (var reader = new AssociationReader(record); reader.TryReadLink(out var link);)
        {
            if (link.Target == id || Wanted(link) is not { } type)
            {
                continue;
            }

            if (!_budget.TrySpend(TraversalBudget.LookUp))
            {
                return;
            }

            if (TryFind(link.Target, out var target) && !TryAdd(edges, new Edge(target, AssociationKind.Link, type, Incoming: false, link.Weight)))
            {
                return;
            }
        }

        Span<byte> term = stackalloc byte[AssociationRecord.TargetTermBytes];
        AssociationRecord.WriteTarget(id, term);
        var sources = Visible(term, MostIncoming, out var all);
        HasLeftOut |= !all;
        foreach (var source in sources)
        {
            if (source.Id == id)
            {
                continue;
            }

            if (!_budget.TrySpend(TraversalBudget.LookUp))
            {
                return;
            }

            var links = new AssociationReader(source.Concept is { } concept ? concept.Associations : source.Segment!.Associations.Record((int)source.Row));
            while (links.TryReadLink(out var link))
            {
                if (link.Target == id && Wanted(link) is { } type && !TryAdd(edges, new Edge(source, AssociationKind.Link, type, Incoming: true, link.Weight)))
                {
                    return;
                }
            }
        }
    }

    private string? Wanted(in Link link)
    {
        var type = link.Type;
        return link.Weight > 0 && (_options.LinkTypes is null || _options.LinkTypes.Contains(type)) ? type : null;
    }

    private void Entities(ConceptId id, ReadOnlySpan<byte> record, List<Edge> edges)
    {
        for (var reader = new AssociationReader(record); reader.TryReadEntity(out var term);)
        {
            var key = Encoding.UTF8.GetString(term);
            if (!_entities.TryGetValue(key, out var members))
            {
                members = MembersOf(term);
                _entities.Add(key, members);
            }

            foreach (var member in members.Concepts)
            {
                if (member.Id != id && !TryAdd(edges, new Edge(member, AssociationKind.Entity, key[1..], Incoming: false, members.Weight)))
                {
                    return;
                }
            }
        }
    }

    // The share that is left of the information of "one in all": the rarer, the nearer to one.
    private Members MembersOf(ReadOnlySpan<byte> term)
    {
        var concepts = Visible(term, _mostConcepts, out var all);
        return all && concepts.Count > 1
            ? new Members(concepts, (float)(Math.Log(1 + (_view.Count / (double)concepts.Count)) / Math.Log(1 + Math.Max(_view.Count, concepts.Count))))
            : new Members([], 0);
    }

    private void Neighbours(in Found node, List<Edge> edges)
    {
        if (!_budget.TrySpend(TraversalBudget.NeighbourSearch))
        {
            return;
        }

        var (vector, model) = VectorOf(node);
        Found[] nearest;
        try
        {
            nearest = ViewSearch.Nearest(_view, vector, model, _options.Neighbours + 1, _ef, _filter, _budget.Cancellation);
        }
        catch (InvalidConceptException)
        {
            // Since this state all others of its model went, and the model came back with another dimension.
            return;
        }

        var left = _options.Neighbours;
        foreach (var found in nearest)
        {
            if (found.Id != node.Id && found.Score >= _options.NeighbourThreshold && found.Score > 0 && left-- > 0)
            {
                if (!TryAdd(edges, new Edge(found, AssociationKind.Neighbour, "", Incoming: false, Math.Min(found.Score, 1))))
                {
                    return;
                }
            }
        }
    }

    private bool TryAdd(List<Edge> edges, in Edge edge)
    {
        if (!_budget.TrySpend())
        {
            return false;
        }

        edges.Add(edge);
        return true;
    }

    private static (float[] Vector, string Model) VectorOf(in Found node)
    {
        if (node.Concept is { } concept)
        {
            // Not the row of its block: that may move while it is read.
            var vector = new float[concept.Dimension];
            ConceptVector.Normalise(concept.Payload.Span, vector);
            return (vector, concept.Model);
        }

        return (node.Segment!.Vector(node.Row).ToArray(), node.Segment.PartOf(node.Row).Model);
    }

    // The concepts of a term; if there are more than are wanted, some of them, or none.
    private List<Found> Visible(ReadOnlySpan<byte> term, int most, out bool all)
    {
        var found = new List<Found>();
        all = _budget.TrySpend(TraversalBudget.LookUp);
        var left = (long)most * Dead;
        var cursor = PostingCursor.Rent();
        for (var part = 0; part < _parts.Length && all; part++)
        {
            if (!_parts[part].Terms.TryFind(term, out var postings))
            {
                continue;
            }

            for (cursor.Open(_parts[part].Terms, postings); cursor.Row != PostingCursor.End && all; cursor.Next())
            {
                var there = At(part, (int)cursor.Row, out var concept);
                all = --left >= 0 && (!there || found.Count < most) && (left % TraversalBudget.RowsPerUnit > 0 || _budget.TrySpend());
                if (there && all)
                {
                    found.Add(concept);
                }
            }
        }

        PostingCursor.Return(cursor);
        return found;
    }

    private bool At(int part, int row, out Found found)
    {
        found = default;
        if (part >= _tables.Length)
        {
            var segment = _view.Segments[part - _tables.Length].Segment;
            if (!segment.IsVisible((uint)row, _view.Sequence))
            {
                return false;
            }

            found = new Found(0, segment, (uint)row);
            return true;
        }

        var concept = _tables[part].ByTextRow(row);
        found = new Found(0, concept);
        return concept.Born <= _view.Sequence && concept.Died > _view.Sequence;
    }

    private readonly record struct Members(List<Found> Concepts, float Weight);
}
