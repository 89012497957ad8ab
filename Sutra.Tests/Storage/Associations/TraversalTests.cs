using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Filtering;
using Sutra.Storage.Search;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Associations;

[TestClass]
public sealed class TraversalTests
{
    // Nothing but what the model knows of: vectors are another matter.
    private static readonly RelatedOptions s_known = new(NeighbourWeight: 0, Limit: 1000, Edges: 100_000);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public async Task Wherever_concepts_lie_what_is_found_is_the_best_of_all_ways(int seed)
    {
        var disk = new SimulatedDisk();
        var random = new Random(seed);
        var model = new AssociationModel(random);
        for (var life = 0; life < 3; life++)
        {
            using var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy);
            Check(engine, "at the start");
            for (var i = 0; i < 90; i++)
            {
                await model.StepAsync(engine);
                if (i % 6 == 0)
                {
                    Check(engine, $"life {life}, step {i}");
                }
            }

            await engine.UntilAsync(statistics => engine.IsSettled, "merges");
            Check(engine, "merged");
            Assert.IsEmpty(engine.Verify().Faults);
        }

        void Check(ConceptEngine engine, string because)
        {
            if (model.Ids.Count == 0)
            {
                return;
            }

            var options = s_known with
            {
                Depth = random.Next(1, 5),
                Limit = random.Next(2) == 0 ? 1000 : random.Next(1, 10),
                MinScore = random.Next(2) == 0 ? 0.01f : 0.1f,
                Decay = random.Next(3) == 0 ? 1 : 0.6f,
                LinkWeight = random.Next(4) == 0 ? 0 : 0.9f,
                EntityWeight = random.Next(4) == 0 ? 0 : 0.8f,
                LinkTypes = random.Next(3) == 0 ? ["cites", "follows"] : null,
                EntityConcepts = random.Next(3) == 0 ? 5 : 256,
            };
            model.AssertRelated(engine, model.Any(), options, because);
        }
    }

    [TestMethod]
    public async Task A_link_leads_both_ways_once_both_its_ends_are_there_and_as_long_as_they_are()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var later = new ConceptIdentity().Id(ConceptRecord.Utf8("later"), 0);
        var citing = (await engine.LearnAsync(EngineHarness.Concept("citing", associations: new Association(later, "cites", 0.5f)))).Id;
        Assert.IsEmpty(engine.Related(citing, s_known)!.Concepts);
        Assert.IsNull(engine.Related(later, s_known));

        await engine.LearnAsync(EngineHarness.Concept("later"));
        var there = engine.Related(citing, s_known)!.Concepts.Single();
        var back = engine.Related(later, s_known)!.Concepts.Single();

        Assert.AreEqual((later, 0.35f), (there.Concept.Id, there.Score));
        Assert.AreEqual(new AssociationStep(citing, AssociationKind.Link, "cites", false, 0.5f), there.Path.Single());
        Assert.AreEqual(citing, back.Concept.Id);
        Assert.AreEqual(new AssociationStep(later, AssociationKind.Link, "cites", true, 0.5f), back.Path.Single());
        await engine.LearnAsync(EngineHarness.Concept("citing"));
        Assert.IsEmpty(engine.Related(later, s_known)!.Concepts, "learned again without the link");
    }

    [TestMethod]
    public async Task Neighbours_are_those_whose_vectors_are_near_wherever_they_lie()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk(), segments: EngineHarness.Busy);
        var random = new Random(8);
        var vectors = new Dictionary<ConceptId, float[]>();
        for (var i = 0; i < 150; i++)
        {
            var vector = EngineHarness.RandomVector(random, 6);
            vectors[(await engine.LearnAsync(EngineHarness.Concept($"text {i}", vector))).Id] = vector;
        }

        await engine.LearnAsync(EngineHarness.Concept("of another model", vectors.Values.First(), model: "model-b"));
        var options = new RelatedOptions(Depth: 1, LinkWeight: 0, EntityWeight: 0, NeighbourWeight: 1, Decay: 1, Neighbours: 5, NeighbourThreshold: 0.8f);
        foreach (var (id, vector) in vectors)
        {
            var expected = vectors
                .Where(other => other.Key != id)
                .Select(other => (other.Key, Score: System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(vector, other.Value)))
                .Where(other => other.Score >= 0.8f)
                .OrderByDescending(other => other.Score)
                .Take(5)
                .ToList();
            var actual = engine.Related(id, options)!.Concepts;
            CollectionAssert.AreEqual(expected.ConvertAll(other => other.Key), actual.Select(related => related.Concept.Id).ToList());
            for (var i = 0; i < expected.Count; i++)
            {
                Assert.AreEqual(expected[i].Score, actual[i].Score, 1e-5f);
                Assert.AreEqual(AssociationKind.Neighbour, actual[i].Path.Single().Kind);
            }
        }
    }

    [TestMethod]
    public async Task While_others_learn_and_delete_what_stays_is_related_all_the_while()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk(), segments: EngineHarness.Busy);
        var kept = (await engine.LearnAsync(EngineHarness.Concept("kept, said Ada"))).Id;
        var linked = (await engine.LearnAsync(EngineHarness.Concept("linked", associations: new Association(kept, "to", 1)))).Id;
        var named = (await engine.LearnAsync(EngineHarness.Concept("named by Ada"))).Id;
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var asked = 0;
            for (; !done.IsCancellationRequested || asked == 0; asked++)
            {
                var related = engine.Related(kept, s_known)!.Concepts;
                CollectionAssert.IsSubsetOf(new[] { linked, named }, related.Select(concept => concept.Concept.Id).ToList());
                CollectionAssert.AllItemsAreUnique(related.Select(concept => concept.Concept.Id).ToList());
            }
        })).ToList();
        var random = new Random(6);
        var others = new List<ConceptId>();
        for (var i = 0; i < 250; i++)
        {
            // The three are learned again, too: from memory to segments and back.
            Task again = (i % 10) switch
            {
                0 => engine.LearnAsync(EngineHarness.Concept("kept, said Ada")),
                5 => engine.LearnAsync(EngineHarness.Concept("linked", associations: new Association(kept, "to", 1))),
                7 => engine.LearnAsync(EngineHarness.Concept("named by Ada")),
                _ => Task.CompletedTask,
            };
            await again;
            others.Add((await engine.LearnAsync(EngineHarness.Concept($"text {i}", EngineHarness.RandomVector(random, 3), associations: new Association(kept, "to", 0.5f)))).Id);
            if (i % 2 == 1)
            {
                var gone = others[random.Next(others.Count)];
                others.Remove(gone);
                await engine.DeleteAsync(gone);
            }
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
        Assert.HasCount(others.Count + 2, engine.Related(kept, s_known)!.Concepts);
    }

    [TestMethod]
    public async Task What_a_filter_does_not_let_through_is_neither_found_nor_gone_through()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk(), segments: EngineHarness.Busy);
        var open = new Dictionary<string, string> { ["open"] = "yes" };
        var filter = new EqualFilter("open", "yes");
        var beyond = (await engine.LearnAsync(EngineHarness.Concept("beyond", [1, 1, 0], metadata: open))).Id;
        var closed = (await engine.LearnAsync(EngineHarness.Concept("closed", [1, 0, 0], associations: new Association(beyond, "to", 1)))).Id;
        var from = (await engine.LearnAsync(EngineHarness.Concept("from", [1, 0.1f, 0], associations: new Association(closed, "to", 1)))).Id;
        var links = s_known with { EntityWeight = 0 };
        var nearest = new RelatedOptions(Depth: 1, LinkWeight: 0, EntityWeight: 0, Neighbours: 1, NeighbourThreshold: 0.5f);

        for (var moved = false; ; moved = true)
        {
            CollectionAssert.AreEqual(new[] { closed, beyond }, Ids(links));
            Assert.IsEmpty(Ids(links, filter));
            CollectionAssert.AreEqual(new[] { closed }, Ids(nearest));
            CollectionAssert.AreEqual(new[] { beyond }, Ids(nearest, filter), "the nearest of those that pass");
            if (moved)
            {
                return;
            }

            for (var i = 0; i < 60; i++)
            {
                await engine.LearnAsync(EngineHarness.Concept($"text {i}", [0, 0, 1 + i]));
            }

            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");
        }

        List<ConceptId> Ids(RelatedOptions options, Filter? passes = null) => [.. engine.Related(from, options, passes)!.Concepts.Select(related => related.Concept.Id)];
    }

    [TestMethod]
    public async Task A_budget_ends_the_way_and_is_told()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var hub = (await engine.LearnAsync(EngineHarness.Concept("the hub"))).Id;
        for (var i = 0; i < 50; i++)
        {
            await engine.LearnAsync(EngineHarness.Concept($"spoke {i}", associations: new Association(hub, "of", 1)));
        }

        Assert.HasCount(50, engine.Related(hub, s_known)!.Concepts);
        // To go on from it, to look for who links to it, three times 16 of those, and for ten of them its links and the one that is found.
        var few = engine.Related(hub, s_known with { Edges = 1 + 1 + 3 + 20 })!;
        Assert.IsFalse(few.Complete);
        Assert.HasCount(10, few.Concepts);
        var best = engine.Related(hub, s_known with { Limit = 5 })!.Concepts.Select(related => related.Concept.Id.Value).ToList();
        CollectionAssert.AreEqual(best.Order().ToList(), best, "equal scores by id");
    }

    [TestMethod]
    public async Task Looking_for_what_is_not_there_counts_too()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var random = new Random(4);
        var hub = (await engine.LearnAsync(EngineHarness.Concept("the hub", EngineHarness.RandomVector(random, 3)))).Id;
        for (var i = 0; i < 60; i++)
        {
            await engine.LearnAsync(EngineHarness.Concept($"spoke {i}", EngineHarness.RandomVector(random, 3), associations: new Association(hub, "of", 1)));
        }

        // Nobody is so near: 61 searches for nothing.
        var nearest = s_known with { Depth = 2, NeighbourWeight = 1, NeighbourThreshold = 1 };
        Assert.IsFalse(engine.Related(hub, nearest with { Edges = 1000 })!.Complete);
        Assert.IsTrue(engine.Related(hub, nearest with { Edges = 5000 })!.Complete);

        Association[] nowhere = [.. Enumerable.Range(0, 64).Select(i => new Association(new ConceptId((ulong)i), "to", 1))];
        var lost = (await engine.LearnAsync(EngineHarness.Concept("lost", associations: nowhere))).Id;
        Assert.IsFalse(engine.Related(lost, s_known with { Edges = 60 })!.Complete);
        Assert.IsTrue(engine.Related(lost, s_known with { Edges = 70 })!.Complete);
        var expanded = new ExpansionOptions(s_known with { Edges = 60 });
        Assert.IsFalse(engine.Search("lost", default, EngineHarness.Model, 1, expansion: expanded).Complete);
        Assert.IsTrue(engine.Search("lost", default, EngineHarness.Model, 1, expansion: ExpansionOptions.Default).Complete);
    }

    [TestMethod]
    public async Task Those_that_score_the_same_do_not_go_past_the_limit()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var hub = (await engine.LearnAsync(EngineHarness.Concept("the hub"))).Id;
        var spokes = new List<ConceptId>();
        for (var i = 0; i < 50; i++)
        {
            spokes.Add((await engine.LearnAsync(EngineHarness.Concept($"spoke {i}", associations: new Association(hub, "of", 1)))).Id);
            for (var leaf = 0; leaf < 4; leaf++)
            {
                await engine.LearnAsync(EngineHarness.Concept($"leaf {leaf} of {i}", associations: new Association(spokes[i], "of", 1)));
            }
        }

        var related = engine.Related(hub, s_known with { Decay = 1, Limit = 5, Edges = 200 })!;

        CollectionAssert.AreEqual(spokes.OrderBy(id => id.Value).Take(5).ToList(), related.Concepts.Select(concept => concept.Concept.Id).ToList());
        Assert.IsTrue(related.Complete, "the others were not gone on from");
    }

    [TestMethod]
    public async Task Of_more_links_to_a_concept_than_are_followed_some_are_left_out_which_is_told()
    {
        const int Followed = 4_096;
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var hub = (await engine.LearnAsync(EngineHarness.Concept("the hub"))).Id;
        var learned = await Task.WhenAll(Enumerable.Range(0, Followed + 1).Select(i =>
            engine.LearnAsync(EngineHarness.Concept($"spoke {i}", associations: new Association(hub, "of", 1)))));
        var links = s_known with { Depth = 1, EntityWeight = 0 };

        Assert.IsFalse(engine.Related(hub, links)!.Complete);
        await engine.DeleteAsync(learned[0].Id);
        Assert.IsTrue(engine.Related(hub, links)!.Complete);
    }

    [TestMethod]
    public async Task What_everybody_names_associates_nobody_and_rows_of_prices_make_no_hubs()
    {
        var disk = new SimulatedDisk();
        using var engine = EngineHarness.Open(disk, segments: new Sutra.Storage.Segments.SegmentOptions { MemoryRows = 1000, FlatSegments = 100, Idle = TimeSpan.FromHours(1) });
        string[] companies = ["Apple Inc. (AAPL)", "Microsoft Corporation (MSFT)", "International Business Machines (IBM)"];
        var ids = new List<ConceptId>();
        foreach (var chunk in Enumerable.Range(0, 3100).Chunk(100))
        {
            var learned = await Task.WhenAll(chunk.Select(i => engine.LearnAsync(EngineHarness.Concept(
                $"{companies[i % 3]} closed at {i}.50 on {new DateOnly(2020, 1, 1).AddDays(i / 3):yyyy-MM-dd}.",
                [1, i, 3],
                metadata: new Dictionary<string, string> { ["source"] = "prices", ["pair"] = $"{i / 2}" }))));
            ids.AddRange(learned.Select(result => result.Id));
        }

        var related = engine.Related(ids[300], s_known with { Depth = 1 })!;

        // Its day, and its pair: three and two concepts of 3,100.
        CollectionAssert.AreEquivalent(new[] { ids[301], ids[302] }, related.Concepts.Select(concept => concept.Concept.Id).ToList());
        Assert.AreEqual("pair=150", related.Concepts.Single(concept => concept.Concept.Id == ids[301]).Path.Single().Label);
        Assert.AreEqual("2020-04-10", related.Concepts.Single(concept => concept.Concept.Id == ids[302]).Path.Single().Label);
        var statistics = engine.Statistics;
        Assert.IsLessThan(6L * 3100, statistics.Entities, "a handful a row");
        Assert.IsLessThan(250L * 3100, statistics.AssociationBytes, $"{statistics}");
    }

    [TestMethod]
    public async Task A_search_that_is_expanded_finds_what_is_associated_with_its_best_and_says_how()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var cited = (await engine.LearnAsync(EngineHarness.Concept("nothing in common", [0, 0, 1]))).Id;
        var best = (await engine.LearnAsync(EngineHarness.Concept("granite", [1, 0, 0], associations: new Association(cited, "cites", 1)))).Id;
        var near = (await engine.LearnAsync(EngineHarness.Concept("basalt", [0.9f, 0.5f, 0]))).Id;
        var expansion = ExpansionOptions.Default with { Weight = 0.5f, Traversal = s_known with { Depth = 1 } };

        var plain = engine.Search("granite", [1, 0, 0], EngineHarness.Model, 2, new HybridOptions(Candidates: 2));
        var hits = engine.Search("granite", [1, 0, 0], EngineHarness.Model, 2, new HybridOptions(Candidates: 2), expansion with { Weight = 0.1f });
        var all = engine.Search("granite", [1, 0, 0], EngineHarness.Model, 2, new HybridOptions(Candidates: 2), expansion with { Weight = 2 });

        CollectionAssert.AreEqual(new[] { best, near }, plain.Select(hit => hit.Concept.Id).ToArray());
        Assert.IsTrue(plain.All(hit => hit.Graph.Rank == 0 && hit.Path is null));
        CollectionAssert.AreEqual(new[] { best, near }, hits.Select(hit => hit.Concept.Id).ToArray());
        CollectionAssert.AreEqual(new[] { best, cited }, all.Select(hit => hit.Concept.Id).ToArray());
        Assert.AreEqual(new LegScore(0.7f, 1), all[1].Graph);
        Assert.AreEqual(2 * 0.7f, all[1].Score, 1e-5f);
        Assert.AreEqual(new AssociationStep(best, AssociationKind.Link, "cites", false, 1), all[1].Path!.Single());
        Assert.AreEqual((0, 0), (all[1].Vector.Rank, all[0].Graph.Rank), "the one that led there is not found for it");
        var ranks = engine.Search("", [1, 0, 0], EngineHarness.Model, 2, new HybridOptions(1, 1, Fusion.ReciprocalRank, 2), expansion with { Weight = 3 });
        Assert.AreEqual(3f / 61, ranks.Single(hit => hit.Concept.Id == cited).Score, 1e-6f);
    }

    [TestMethod]
    public async Task What_is_removed_while_a_state_is_read_belongs_to_it_still()
    {
        var table = new MemoryTable(Sutra.Storage.Lexical.Analysis.TextLanguage.English);
        var view = new EngineView(0, 0, table, frozen: null, []);
        var first = Add(sequence: 1);
        table.Remove(first, 2, replaced: true);
        var second = Add(sequence: 2);
        table.Remove(second, 3, replaced: false);

        Assert.IsFalse(table.TryGet(first.Id, 0, out _));
        Assert.IsTrue(table.TryGet(first.Id, 1, out var found) && found == first);
        Assert.IsTrue(table.TryGet(first.Id, 2, out found) && found == second);
        Assert.IsFalse(table.TryGet(first.Id, 3, out _));
        view.Release();
        table.Release();
        await Task.CompletedTask;

        StoredConcept Add(ulong sequence)
        {
            var concept = new StoredConcept(ConceptRecord.WriteLearn(EngineHarness.Concept("text"), DateTimeOffset.UnixEpoch), EngineHarness.Model, born: sequence);
            table.Add(concept);
            return concept;
        }
    }

    [TestMethod]
    [DataRow("depth")]
    [DataRow("limit")]
    [DataRow("edges")]
    [DataRow("min_score")]
    [DataRow("decay")]
    [DataRow("link_weight")]
    [DataRow("neighbours")]
    [DataRow("entity_concepts")]
    public void What_breaks_a_limit_is_refused_by_the_name_of_its_field(string field)
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var options = field switch
        {
            "depth" => s_known with { Depth = 5 },
            "limit" => s_known with { Limit = 0 },
            "edges" => s_known with { Edges = 100_001 },
            "min_score" => s_known with { MinScore = 0 },
            "decay" => s_known with { Decay = float.NaN },
            "link_weight" => s_known with { LinkWeight = 1.5f },
            "neighbours" => s_known with { Neighbours = 65 },
            _ => s_known with { EntityConcepts = 1 },
        };
        Assert.AreEqual($"traversal.{field}", Assert.ThrowsExactly<InvalidConceptException>(() => engine.Related(new ConceptId(1), options)).Field);
        Assert.AreEqual(
            $"expand.traversal.{field}",
            Assert.ThrowsExactly<InvalidConceptException>(() => engine.Search("a", [1], EngineHarness.Model, 1, null, new ExpansionOptions(options))).Field);
    }
}
