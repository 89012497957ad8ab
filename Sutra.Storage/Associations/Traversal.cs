using System.Runtime.InteropServices;
using Sutra.Storage.Concepts;
using Sutra.Storage.Search;

namespace Sutra.Storage.Associations;

/// <summary>
/// Goes from some concepts to what is associated with them, the best first: what is taken from the queue can never be reached better, because no step has a
/// weight above one (Dijkstra's argument, with products for sums). A concept is gone on from again only where fewer steps led to it than
/// before: then more are left. Ties by id, so the same state gives the same answer.
/// </summary>
internal sealed class Traversal(AssociationGraph graph, RelatedOptions options, CancellationToken cancellation)
{
    private readonly PriorityQueue<Visit, Visit> _queue = new(Comparer<Visit>.Create(Visit.Compare));

    // The fewest steps from which each concept was gone on from.
    private readonly Dictionary<ConceptId, int> _expanded = [];
    private readonly Dictionary<ConceptId, Visit> _reached = [];
    private readonly List<Edge> _edges = [];
    private int _looked;
    private bool _spent;

    /// <summary>Whether there were no more associations than may be looked at.</summary>
    public bool Complete => !_spent && !graph.HasLeftOut;

    /// <param name="seeds">Where ways begin, with scores above 0, up to 1.</param>
    /// <param name="accepts">Which concepts count, be it as found or as gone through; null for all.</param>
    /// <param name="withSeeds">A seed that another one leads to is found, too.</param>
    /// <returns>Best first, equal scores by id.</returns>
    public IReadOnlyList<Reached> Run(IReadOnlyList<(Found Concept, float Score)> seeds, bool withSeeds = false, Func<Found, bool>? accepts = null)
    {
        var begun = new HashSet<ConceptId>();
        foreach (var (concept, score) in seeds)
        {
            begun.Add(concept.Id);
            Offer(new Visit(concept, score, Steps: 0, Before: null, default, concept.Id));
        }

        // Those that score as much as the last one that fits are found, too, so that ids decide.
        var last = 0f;
        while (_queue.TryDequeue(out var visit, out _) && (_reached.Count < options.Limit || visit.Score >= last))
        {
            cancellation.ThrowIfCancellationRequested();
            var id = visit.At.Id;
            if (visit.Steps > 0 && (withSeeds || !begun.Contains(id)) && _reached.TryAdd(id, visit))
            {
                last = visit.Score;
            }

            if (visit.Steps < options.Depth && !_spent && IsFewer(id, visit.Steps))
            {
                Expand(visit, accepts);
            }
        }

        return [.. _reached.Values
            .OrderByDescending(visit => visit.Score)
            .ThenBy(visit => visit.At.Id.Value)
            .Take(options.Limit)
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

    private void Expand(Visit visit, Func<Found, bool>? accepts)
    {
        _edges.Clear();
        graph.Edges(visit.At, _edges);
        foreach (var edge in _edges)
        {
            if (_looked++ == options.Edges)
            {
                _spent = true;
                return;
            }

            // Nobody is found for having led to others.
            var score = visit.Score * edge.Weight * WeightOf(edge.Kind) * options.Decay;
            if (score >= options.MinScore && edge.Target.Id != visit.Origin && accepts?.Invoke(edge.Target) != false)
            {
                Offer(new Visit(edge.Target, score, visit.Steps + 1, visit, edge, visit.Origin));
            }
        }
    }

    private void Offer(Visit visit) => _queue.Enqueue(visit, visit);

    private float WeightOf(AssociationKind kind) => kind switch
    {
        AssociationKind.Link => options.LinkWeight,
        AssociationKind.Entity => options.EntityWeight,
        _ => options.NeighbourWeight,
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
