using System.Runtime.InteropServices;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Search;

namespace Sutra.Storage.Associations;

/// <summary>
/// Goes from some concepts to what is associated with them, the best first: what is taken from the queue can never be reached better, because no step has a
/// weight above one (Dijkstra's argument, with products for sums). A concept is gone on from again only where fewer steps led to it than
/// before: then more are left. Equal scores by steps, then by id, so the same state gives the same answer. For one question.
/// </summary>
internal sealed class Traversal
{
    private readonly AssociationGraph _graph;
    private readonly RelatedOptions _options;
    private readonly ViewFilter? _filter;
    private readonly TraversalBudget _budget;
    private readonly PriorityQueue<Visit, Visit> _queue = new(Comparer<Visit>.Create(Visit.Compare));

    // The fewest steps from which each concept was gone on from.
    private readonly Dictionary<ConceptId, int> _expanded = [];
    private readonly Dictionary<ConceptId, Visit> _reached = [];
    private readonly List<Edge> _edges = [];

    /// <param name="view">What there is.</param>
    /// <param name="options">How far to go, and along what.</param>
    /// <param name="ef">Candidates of a search for neighbours.</param>
    /// <param name="filter">What counts, be it as found or as gone through; null for all.</param>
    /// <param name="cancellation">Ends it.</param>
    public Traversal(EngineView view, RelatedOptions options, int ef, ViewFilter? filter, CancellationToken cancellation)
    {
        (_options, _filter) = (options, filter);
        _budget = new TraversalBudget(options.Edges, cancellation);
        _graph = new AssociationGraph(view, options, ef, _budget, filter);
    }

    /// <summary>Whether there were no more associations than may be looked at.</summary>
    public bool Complete => !_budget.Spent && !_graph.HasLeftOut;

    public bool TryFind(ConceptId id, out Found found) => _graph.TryFind(id, out found);

    /// <param name="seeds">Where ways begin, with scores above 0, up to 1.</param>
    /// <param name="withSeeds">A seed that another one leads to is found, too.</param>
    /// <returns>Best first, equal scores by id.</returns>
    public IReadOnlyList<Reached> Run(IReadOnlyList<(Found Concept, float Score)> seeds, bool withSeeds = false)
    {
        var begun = new HashSet<ConceptId>();
        foreach (var (concept, score) in seeds)
        {
            begun.Add(concept.Id);
            Offer(new Visit(concept, score, Steps: 0, Before: null, default, concept.Id));
        }

        while (_reached.Count < _options.Limit && _queue.TryDequeue(out var visit, out _))
        {
            var id = visit.At.Id;
            if (visit.Steps > 0 && (withSeeds || !begun.Contains(id)))
            {
                _reached.TryAdd(id, visit);
            }

            if (_reached.Count < _options.Limit && visit.Steps < _options.Depth && !_budget.Spent && IsFewer(id, visit.Steps))
            {
                Expand(visit);
            }
        }

        return [.. _reached.Values
            .OrderByDescending(visit => visit.Score)
            .ThenBy(visit => visit.At.Id.Value)
            .Select(visit => new Reached(visit.At, visit.Score, visit.Path()))];
    }

    private bool IsFewer(ConceptId id, int steps)
    {
        ref var fewest = ref CollectionsMarshal.GetValueRefOrAddDefault(_expanded, id, out var before);
        if (before && fewest <= steps)
        {
            return false;
        }

        fewest = steps;
        return true;
    }

    private void Expand(Visit visit)
    {
        if (!_budget.TrySpend(TraversalBudget.Expansion))
        {
            return;
        }

        _edges.Clear();
        _graph.Edges(visit.At, _edges);
        foreach (var edge in _edges)
        {
            // Nobody is found for having led to others.
            var score = visit.Score * edge.Weight * WeightOf(edge.Kind) * _options.Decay;
            if (score >= _options.MinScore && edge.Target.Id != visit.Origin && _filter?.Accepts(edge.Target) != false)
            {
                Offer(new Visit(edge.Target, score, visit.Steps + 1, visit, edge, visit.Origin));
            }
        }
    }

    private void Offer(Visit visit) => _queue.Enqueue(visit, visit);

    private float WeightOf(AssociationKind kind) => kind switch
    {
        AssociationKind.Link => _options.LinkWeight,
        AssociationKind.Entity => _options.EntityWeight,
        _ => _options.NeighbourWeight,
    };

    internal readonly record struct Reached(Found Concept, float Score, IReadOnlyList<AssociationStep> Path);

    /// <param name="Steps">From where its way begins.</param>
    /// <param name="Edge">The last one.</param>
    /// <param name="Origin">Where its way begins.</param>
    private sealed record Visit(Found At, float Score, int Steps, Visit? Before, Edge Edge, ConceptId Origin)
    {
        // Never equal for two ways of which both are gone on from: everything that an answer shows is decided here.
        public static int Compare(Visit? left, Visit? right)
        {
            var order = right!.Score.CompareTo(left!.Score);
            order = order != 0 ? order : left.Steps.CompareTo(right.Steps);
            order = order != 0 ? order : left.At.Id.Value.CompareTo(right.At.Id.Value);
            order = order != 0 || left.Before is null || right.Before is null ? order : left.Before.At.Id.Value.CompareTo(right.Before.At.Id.Value);
            order = order != 0 ? order : left.Edge.Kind.CompareTo(right.Edge.Kind);
            order = order != 0 ? order : string.CompareOrdinal(left.Edge.Label, right.Edge.Label);
            order = order != 0 ? order : left.Edge.Incoming.CompareTo(right.Edge.Incoming);
            return order != 0 ? order : left.Origin.Value.CompareTo(right.Origin.Value);
        }

        public AssociationStep[] Path()
        {
            var steps = new AssociationStep[Steps];
            for (var visit = this; visit.Before is { } before; visit = before)
            {
                steps[before.Steps] = new AssociationStep(before.At.Id, visit.Edge.Kind, visit.Edge.Label, visit.Edge.Incoming, visit.Edge.Weight);
            }

            return steps;
        }
    }
}
