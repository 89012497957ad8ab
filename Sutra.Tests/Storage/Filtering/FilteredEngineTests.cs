using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Filtering;
using Sutra.Storage.Search;
using Sutra.Storage.Segments;
using Sutra.Storage.Vectors;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Filtering;

/// <summary>Filters on the whole engine, against what a plain reading of them says.</summary>
[TestClass]
public sealed class FilteredEngineTests
{
    private const int Dimension = 16;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public async Task Wherever_concepts_lie_and_whatever_became_of_them_a_filter_lets_through_what_it_should(int seed)
    {
        var disk = new SimulatedDisk();
        var random = new Random(seed);
        var learned = new List<ConceptId>();
        var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy);
        try
        {
            for (var i = 0; i < 330; i++)
            {
                // Some contents come again, with other metadata; some go.
                var content = random.Next(4) == 0 ? $"text {random.Next(i + 1)}" : $"text {i}";
                var concept = EngineHarness.Concept(
                    content, EngineHarness.RandomVector(random, Dimension), random.Next(5) == 0 ? "model-b" : EngineHarness.Model, FilterOracle.Metadata(random, i)) with { Owner = random.Next(3) == 0 ? $"user:{random.Next(9)}" : "" };
                learned.Add((await engine.LearnAsync(concept)).Id);
                if (random.Next(6) == 0)
                {
                    await engine.DeleteAsync(learned[random.Next(learned.Count)]);
                }

                if (i % 110 == 60)
                {
                    Compare(engine, random, 25);
                }
            }

            await engine.UntilAsync(statistics => statistics.Segments is > 0 and < 4 && engine.IsSettled, "linked segments");
            await engine.LearnAsync(EngineHarness.Concept("the last", EngineHarness.RandomVector(random, Dimension), metadata: FilterOracle.Metadata(random, 1)));
            Compare(engine, random, 60);
            Assert.IsEmpty(engine.Verify().Faults);
            engine.Dispose();
            engine = EngineHarness.Open(disk, segments: EngineHarness.Busy);
            Compare(engine, random, 60);
        }
        finally
        {
            engine.Dispose();
        }
    }

    [TestMethod]
    public async Task Words_and_vectors_are_ranked_among_what_the_filter_lets_through_wherever_it_lies()
    {
        using var busy = EngineHarness.Open(new SimulatedDisk(), segments: EngineHarness.Busy);
        using var still = EngineHarness.Open(new SimulatedDisk());
        var random = new Random(8);
        string[] words = ["amber", "basalt", "cedar", "delta", "ember", "fjord", "granite"];
        for (var i = 0; i < 200; i++)
        {
            var concept = EngineHarness.Concept(
                string.Join(' ', Enumerable.Range(0, 6).Select(_ => words[random.Next(words.Length)])) + $" {i}",
                EngineHarness.RandomVector(random, Dimension),
                metadata: FilterOracle.Metadata(random, i));
            await busy.LearnAsync(concept);
            await still.LearnAsync(concept);
        }

        await busy.UntilAsync(statistics => statistics.Segments is > 0 and < 4 && busy.IsSettled, "linked segments");
        var found = 0;
        for (var i = 0; i < 60; i++)
        {
            var filter = (i % 3) switch
            {
                0 => Filter.Equal("source", "source 2"),
                1 => Filter.Not(Filter.Prefix("n", "1")),
                _ => Filter.Or(new RangeFilter("year") { Gte = "2005" }, Filter.Exists("rare")),
            };
            var question = words[random.Next(words.Length)] + " " + words[random.Next(words.Length)];
            var query = EngineHarness.RandomVector(random, Dimension);
            var options = new HybridOptions(Candidates: 200, Fusion: i % 2 == 0 ? Fusion.WeightedSum : Fusion.ReciprocalRank);
            var expected = still.Search(question, query, EngineHarness.Model, 10, options, filter: filter);
            var actual = busy.Search(question, query, EngineHarness.Model, 10, options, filter: filter);
            Assert.IsTrue(actual.All(hit => FilterOracle.Matches(filter, hit.Concept.Read())));
            CollectionAssert.AreEqual(expected.Select(hit => hit.Concept.Id).ToList(), actual.Select(hit => hit.Concept.Id).ToList());
            found += actual.Count;
            foreach (var hit in busy.Search(question, default, EngineHarness.Model, 200, filter: filter))
            {
                Assert.IsTrue(FilterOracle.Matches(filter, hit.Concept.Read()), "by words only");
            }
        }

        Assert.IsGreaterThan(200, found);
    }

    [TestMethod]
    [DataRow(false, DisplayName = "in memory")]
    [DataRow(true, DisplayName = "in a segment")]
    public async Task Along_associations_what_does_not_pass_is_neither_found_nor_gone_through(bool inSegment)
    {
        using var engine = EngineHarness.Open(new SimulatedDisk(), segments: new() { MemoryRows = inSegment ? 4 : 100, Idle = TimeSpan.FromHours(1) });
        var reached = await LearnAsync("beyond", "open");
        var wall = await LearnAsync("between", "secret", new Association(reached, "leads", 1));
        var beside = await LearnAsync("beside", "open");
        var start = await LearnAsync("the beginning", "open", new Association(wall, "leads", 1), new Association(beside, "leads", 1));
        if (inSegment)
        {
            await engine.UntilAsync(statistics => statistics is { Segments: 1, VectorBytes: 0 }, "a segment");
        }

        var expansion = new ExpansionOptions(new RelatedOptions(Depth: 2, EntityWeight: 0, NeighbourWeight: 0), Seeds: 1);
        CollectionAssert.AreEquivalent(new[] { start, wall, beside, reached }, Find(filter: null));
        CollectionAssert.AreEquivalent(new[] { start, beside }, Find(Filter.Equal("kind", "open")));

        ConceptId[] Find(Filter? filter) =>
            [.. engine.Search("beginning", default, EngineHarness.Model, 10, expansion: expansion, filter: filter).Select(hit => hit.Concept.Id)];

        async Task<ConceptId> LearnAsync(string content, string kind, params Association[] links) =>
            (await engine.LearnAsync(EngineHarness.Concept(content, metadata: new Dictionary<string, string> { ["kind"] = kind }, associations: links))).Id;
    }

    [TestMethod]
    [DataRow(12, 12, DisplayName = "more filters than are remembered")]
    [DataRow(60, 4, DisplayName = "few concepts pass")]
    public async Task A_filter_that_is_asked_again_knows_what_was_learned_replaced_and_deleted_since(int groupCount, int asked)
    {
        using var engine = EngineHarness.Open(new SimulatedDisk(), segments: new() { MemoryRows = 100_000 });
        var random = new Random(6);
        var filters = Enumerable.Range(0, groupCount).Select(i => Filter.Equal("group", $"{i}")).ToArray();
        var groups = new Dictionary<ConceptId, int>();
        for (var round = 0; round < 6; round++)
        {
            var learns = Enumerable.Range(0, 500).Select(_ => (Content: $"text {random.Next(2500)}", Group: random.Next(filters.Length))).DistinctBy(pair => pair.Content).ToList();
            var learned = await Task.WhenAll(learns.Select(pair =>
                engine.LearnAsync(EngineHarness.Concept(pair.Content, metadata: new Dictionary<string, string> { ["group"] = $"{pair.Group}" }))));
            for (var i = 0; i < learned.Length; i++)
            {
                groups[learned[i].Id] = learns[i].Group;
            }

            var gone = groups.Keys.First();
            await engine.DeleteAsync(gone);
            groups.Remove(gone);
            Parallel.For(0, asked * 16, i =>
            {
                var group = i % asked;
                var expected = groups.Where(pair => pair.Value == group).Select(pair => pair.Key).ToList();
                Assert.AreEqual(expected.Count, engine.Count(filters[group]));
                CollectionAssert.AreEquivalent(expected, engine.Search([1, 2, 3], EngineHarness.Model, 1000, filters[group]).Select(hit => hit.Concept.Id).ToList());
            });
        }
    }

    [TestMethod]
    public async Task A_filter_that_breaks_a_rule_is_refused_by_every_member_before_anything_is_read()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        await engine.LearnAsync(EngineHarness.Concept("text"));
        var bad = Filter.And();
        foreach (var use in new Action[]
        {
            () => engine.Search([1, 2, 3], EngineHarness.Model, 1, bad),
            () => engine.Search("text", [1, 2, 3], EngineHarness.Model, 1, filter: bad),
            () => engine.Scan(bad),
            () => engine.Count(bad),
        })
        {
            Assert.AreEqual("filter.and", Assert.ThrowsExactly<InvalidConceptException>(use).Field);
        }

        Assert.AreEqual(1, engine.Count());
    }

    [TestMethod]
    public async Task A_changed_byte_of_the_filter_section_is_refused_at_start()
    {
        var disk = new SimulatedDisk();
        using (var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy with { Idle = TimeSpan.FromHours(1) }))
        {
            for (var i = 0; i < 24; i++)
            {
                await engine.LearnAsync(EngineHarness.Concept($"text {i}", metadata: new Dictionary<string, string> { ["key"] = "find me" }));
            }

            await engine.UntilAsync(statistics => statistics is { Segments: 1, VectorBytes: 0 }, "a segment");
        }

        var path = disk.ListFiles("/data/segments").Where(name => name.EndsWith(".seg", StringComparison.Ordinal)).Select(name => $"/data/segments/{name}").Single();
        var bytes = disk.Read(path);
        var begin = bytes.AsSpan().IndexOf("SUTRFILT"u8);
        var end = bytes.AsSpan().IndexOf("FILTEND."u8) + 8;
        var random = new Random(3);
        for (var i = 0; i < 40; i++)
        {
            var changed = disk.Kill();
            var at = random.Next(begin, end);
            changed.Replace(path, [.. bytes.Select((value, place) => place == at ? (byte)(value ^ (1 << random.Next(8))) : value)]);
            var refusal = Assert.ThrowsExactly<SegmentCorruptException>(() => EngineHarness.Open(changed).Dispose());
            Assert.Contains("Filters", refusal.Message);
        }
    }

    [TestMethod]
    public async Task Graphs_find_the_nearest_of_what_a_filter_lets_through()
    {
        // Of so many dimensions that half of the rows are more than an exact scan is for.
        const int Count = 4000;
        const int Wide = 1024;
        const int K = 10;
        var random = new Random(4);
        var centres = Enumerable.Range(0, 12).Select(_ => EngineHarness.RandomVector(random, Wide)).ToArray();
        var vectors = new float[Count][];
        var cluster = new int[Count];
        using var engine = EngineHarness.Open(
            new SimulatedDisk(), segments: new() { MemoryRows = 1900, FlatSegments = 2, EfConstruction = 60, BuildThreads = 2, Idle = TimeSpan.FromMilliseconds(50) });
        var learns = new List<Task>();
        for (var row = 0; row < Count; row++)
        {
            cluster[row] = random.Next(centres.Length);
            vectors[row] = Near(centres[cluster[row]]);
            var metadata = new Dictionary<string, string> { ["row"] = $"{row}", ["order"] = $"{(row * 7919L) % Count}", ["cluster"] = $"{(cluster[row] * 1000) + (row % 1000)}" };
            learns.Add(engine.LearnAsync(EngineHarness.Concept($"text {row}", vectors[row], metadata: metadata)));
        }

        await Task.WhenAll(learns);
        await engine.UntilAsync(statistics => statistics.Segments == 1 && engine.IsSettled, "one linked segment, and some in memory");
        var rank = new Dictionary<string, int[]>
        {
            ["order"] = [.. Enumerable.Range(0, Count).Select(row => (int)((row * 7919L) % Count))],
            ["cluster"] = [.. cluster.Select((number, row) => (number * 1000) + (row % 1000))],
        };
        foreach (var (key, values) in rank)
        {
            foreach (var share in new[] { 0.5, 0.3, 0.1, 0.01, 0.001 })
            {
                var limit = values.Order().ElementAt((int)(Count * share));
                var allowed = Enumerable.Range(0, Count).Where(row => values[row] < limit).ToArray();
                var filter = new RangeFilter(key) { Lt = $"{limit}" };
                Assert.AreEqual(allowed.Length, engine.Count(filter));
                var (hits, wanted) = (0, 0);
                for (var i = 0; i < centres.Length; i++)
                {
                    var query = Near(centres[i]);
                    var truth = allowed.Select(row => FloatKernels.Dot(query, vectors[row])).OrderDescending().Take(K).ToArray();
                    var found = engine.Search(query, EngineHarness.Model, K, filter).Select(hit => int.Parse(hit.Concept.Read(withEmbedding: false).Metadata["row"])).ToArray();
                    Assert.IsTrue(found.All(row => values[row] < limit), "only what is let through");
                    Assert.HasCount(truth.Length, found, "as many as there are");
                    hits += found.Count(row => FloatKernels.Dot(query, vectors[row]) >= truth[^1] - 1e-5f);
                    wanted += truth.Length;
                }

                Assert.IsGreaterThanOrEqualTo(0.95, hits / (double)wanted, $"{key} {share}");
            }
        }

        float[] Near(float[] centre)
        {
            var vector = centre.Select(number => number + (float)((random.NextDouble() * 2) - 1)).ToArray();
            UnitVector.Normalise(vector);
            return vector;
        }
    }

    // Vectors are exact here: in memory, and where so few may be found that all are compared.
    private static void Compare(ConceptEngine engine, Random random, int filters)
    {
        var concepts = engine.Scan().Select(concept => concept.Read()).ToList();
        for (var i = 0; i < filters; i++)
        {
            var filter = FilterOracle.Filter(random, concepts);
            var expected = concepts.Where(concept => FilterOracle.Matches(filter, concept)).ToList();
            Assert.AreEqual(expected.Count, engine.Count(filter));
            CollectionAssert.AreEquivalent(expected.Select(concept => concept.Id).ToList(), engine.Scan(filter).Select(concept => concept.Id).ToList());

            var query = EngineHarness.RandomVector(random, Dimension);
            UnitVector.Normalise(query);
            var nearest = expected.Where(concept => concept.Model == EngineHarness.Model).OrderByDescending(concept => Cosine(query, concept)).Take(10).Select(concept => concept.Id).ToList();
            CollectionAssert.AreEqual(nearest, engine.Search(query, EngineHarness.Model, 10, filter).Select(hit => hit.Concept.Id).ToList());
        }
    }

    private static float Cosine(float[] query, Concept concept)
    {
        var vector = concept.Embedding.ToArray();
        UnitVector.Normalise(vector);
        return FloatKernels.Dot(query, vector);
    }
}
