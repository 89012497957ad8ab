using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Tests.Storage.Engine;

namespace Sutra.Tests.Storage.Associations;

/// <summary>What an engine must know of associations: concepts with names and links, changed beside it, and every way between them tried out.</summary>
internal sealed class AssociationModel(Random random)
{
    public static readonly string[] Names =
        ["ada", "bob", "carol", "dan", "eve", "frank", "grace", "heidi", "ivan", "judy", "karl", "lena", "mike", "nina", "olga", "paul", "quinn", "rosa", "sven", "tara"];

    private static readonly string[] s_types = ["cites", "follows", "part of"];

    private readonly Dictionary<ConceptId, Known> _known = [];
    private int _next;

    public IReadOnlyCollection<ConceptId> Ids => _known.Keys;

    /// <summary>Learns something new, learns something again with other links, or deletes.</summary>
    public async Task StepAsync(ConceptEngine engine)
    {
        if (_known.Count > 10 && random.Next(5) == 0)
        {
            var gone = Any();
            Assert.IsTrue(await engine.DeleteAsync(gone));
            _known.Remove(gone);
            return;
        }

        var known = _known.Count > 5 && random.Next(4) == 0
            ? _known[Any()]
            : new Known($"text {_next++} of " + string.Join(", ", Pick()), []);
        known = known with { Links = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new Association(Target(), s_types[random.Next(3)], random.Next(5) / 4f))] };
        var learned = await engine.LearnAsync(EngineHarness.Concept(known.Content, EngineHarness.RandomVector(random, 16), associations: [.. known.Links]));
        _known[learned.Id] = known;
    }

    public ConceptId Any() => _known.Keys.ElementAt(random.Next(_known.Count));

    /// <summary>What an engine answers is what is best of all ways, and its ways are there.</summary>
    public void AssertRelated(ConceptEngine engine, ConceptId from, RelatedOptions options, string because)
    {
        var expected = Scores(from, options).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Value).ToList();
        var all = expected.ToDictionary();
        var actual = engine.Related(from, options);
        Assert.IsNotNull(actual, because);
        Assert.IsTrue(actual.Complete, because);
        Assert.HasCount(Math.Min(expected.Count, options.Limit), actual.Concepts, because);
        for (var i = 0; i < actual.Concepts.Count; i++)
        {
            var related = actual.Concepts[i];
            Assert.AreEqual(expected[i].Value, related.Score, 1e-5, because);
            Assert.AreEqual(all[related.Concept.Id], related.Score, 1e-5, because);
            Assert.AreEqual(_known[related.Concept.Id].Content, related.Concept.Read().Content, because);
            AssertPath(from, related, options, because);
            Assert.IsTrue(i == 0 || actual.Concepts[i - 1].Score > related.Score || (actual.Concepts[i - 1].Score == related.Score && actual.Concepts[i - 1].Concept.Id.Value < related.Concept.Id.Value), because);
        }
    }

    private void AssertPath(ConceptId from, RelatedConcept related, RelatedOptions options, string because)
    {
        Assert.AreEqual(from, related.Path[0].From, because);
        Assert.IsLessThanOrEqualTo(options.Depth, related.Path.Count, because);
        var score = 1.0;
        for (var i = 0; i < related.Path.Count; i++)
        {
            var (step, to) = (related.Path[i], i + 1 < related.Path.Count ? related.Path[i + 1].From : related.Concept.Id);
            Assert.IsTrue(
                Edges(step.From, to, options).Any(edge => edge.Kind == step.Kind && edge.Label == step.Label && edge.Incoming == step.Incoming && Math.Abs(edge.Weight - step.Weight) < 1e-5),
                $"{because}: {step} does not lead to {to}");
            score *= step.Weight * options.Decay * (step.Kind == AssociationKind.Link ? options.LinkWeight : options.EntityWeight);
        }

        Assert.AreEqual(score, related.Score, 1e-5, because);
    }

    // All ways of so many steps at most, one step more at a time.
    private Dictionary<ConceptId, double> Scores(ConceptId from, RelatedOptions options)
    {
        var best = new Dictionary<ConceptId, double>();
        var layer = new Dictionary<ConceptId, double> { [from] = 1 };
        for (var step = 0; step < options.Depth; step++)
        {
            var next = new Dictionary<ConceptId, double>();
            foreach (var (at, score) in layer)
            {
                foreach (var to in _known.Keys.Where(to => to != at && to != from))
                {
                    var reached = Edges(at, to, options)
                        .Select(edge => score * edge.Weight * options.Decay * (edge.Kind == AssociationKind.Link ? options.LinkWeight : options.EntityWeight))
                        .DefaultIfEmpty()
                        .Max();
                    if (reached >= options.MinScore && reached > next.GetValueOrDefault(to))
                    {
                        next[to] = reached;
                    }
                }
            }

            layer = next;
            foreach (var (id, score) in layer)
            {
                best[id] = Math.Max(best.GetValueOrDefault(id), score);
            }
        }

        return best;
    }

    private IEnumerable<(AssociationKind Kind, string Label, bool Incoming, double Weight)> Edges(ConceptId from, ConceptId to, RelatedOptions options)
    {
        if (options.LinkWeight > 0)
        {
            foreach (var link in _known[from].Links.Where(link => link.Target == to && link.Weight > 0 && options.LinkTypes?.Contains(link.Type) != false))
            {
                yield return (AssociationKind.Link, link.Type, false, link.Weight);
            }

            foreach (var link in _known[to].Links.Where(link => link.Target == from && link.Weight > 0 && options.LinkTypes?.Contains(link.Type) != false))
            {
                yield return (AssociationKind.Link, link.Type, true, link.Weight);
            }
        }

        foreach (var name in Names.Where(name => options.EntityWeight > 0 && _known[from].Has(name) && _known[to].Has(name)))
        {
            var count = _known.Values.Count(known => known.Has(name));
            if (count <= options.EntityConcepts && count <= Math.Max(8, _known.Count / 5))
            {
                yield return (AssociationKind.Entity, name, false, Math.Log(1 + (_known.Count / (double)count)) / Math.Log(1 + _known.Count));
            }
        }
    }

    private ConceptId Target() => random.Next(4) == 0 || _known.Count == 0 ? new ConceptId((ulong)random.Next(1000)) : Any();

    private IEnumerable<string> Pick() => Enumerable.Range(0, random.Next(3)).Select(_ => Names[random.Next(Names.Length)]).Select(name => char.ToUpperInvariant(name[0]) + name[1..]);

    private sealed record Known(string Content, IReadOnlyList<Association> Links)
    {
        public bool Has(string name) => Content.Contains(name, StringComparison.OrdinalIgnoreCase);
    }
}
