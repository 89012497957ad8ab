using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Search;

[TestClass]
public sealed class ExactSearchTests
{
    [TestMethod]
    [DataRow(1, 50)]
    [DataRow(3, 300)]
    [DataRow(17, 2000)]
    [DataRow(256, 5000)]
    [DataRow(1001, 700)]
    public async Task Search_finds_what_brute_force_in_double_precision_finds(int dimension, int count)
    {
        var random = new Random(dimension);
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var vectors = new Dictionary<ConceptId, float[]>();
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            float[] vector;
            lock (random)
            {
                // Lengths differ: cosine, not dot product.
                vector = [.. EngineHarness.RandomVector(random, dimension).Select(value => value * (1 + i % 7))];
            }

            var id = (await engine.LearnAsync(EngineHarness.Concept($"text {i}", vector))).Id;
            lock (vectors)
            {
                vectors.Add(id, vector);
            }
        }));

        for (var i = 0; i < 20; i++)
        {
            var query = EngineHarness.RandomVector(random, dimension);
            var topK = random.Next(1, Math.Min(count, 1000));
            var exact = vectors.ToDictionary(pair => pair.Key, pair => Cosine(query, pair.Value));
            var kth = exact.Values.OrderDescending().ElementAt(topK - 1);
            var hits = engine.Search(query, EngineHarness.Model, topK);

            Assert.HasCount(topK, hits);
            Assert.HasCount(topK, hits.Select(hit => hit.Concept.Id).Distinct().ToList());
            foreach (var hit in hits)
            {
                Assert.AreEqual(exact[hit.Concept.Id], hit.Score, 1e-5);
                Assert.IsGreaterThanOrEqualTo(kth - 1e-5, exact[hit.Concept.Id], "only rounding may change places");
                Assert.IsInRange(-1f, 1f, hit.Score);
            }

            CollectionAssert.AreEqual(hits.OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Concept.Id.Value).ToList(), hits.ToList());
        }
    }

    [TestMethod]
    [DataRow(100)]
    [DataRow(384)]
    public async Task Vectors_that_differ_by_less_than_their_codes_can_say_are_told_apart(int dimension)
    {
        var random = new Random(5);
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var centre = EngineHarness.RandomVector(random, dimension);
        var vectors = Enumerable.Range(0, 1500).Select(_ => EngineHarness.RandomVector(random, dimension).Zip(centre, (noise, value) => value + (noise * 0.1f)).ToArray()).ToList();
        await Task.WhenAll(vectors.Select((vector, i) => engine.LearnAsync(EngineHarness.Concept($"text {i}", vector))));
        for (var i = 0; i < 20; i++)
        {
            var query = EngineHarness.RandomVector(random, dimension).Zip(centre, (noise, value) => value + (noise * 0.1f)).ToArray();
            var best = Enumerable.Range(0, vectors.Count).OrderByDescending(row => Cosine(query, vectors[row])).Take(3).Select(row => $"text {row}").ToList();
            CollectionAssert.AreEqual(best, engine.Search(query, EngineHarness.Model, 3).Select(hit => hit.Concept.Read().Content).ToList());
        }
    }

    [TestMethod]
    public async Task Equal_vectors_are_all_found_and_ordered_by_id()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var ids = new List<ConceptId>();
        for (var i = 0; i < 300; i++)
        {
            ids.Add((await engine.LearnAsync(EngineHarness.Concept($"text {i}", [0.3f, 0.1f, 0.7f]))).Id);
        }

        var all = engine.Search([0.3f, 0.1f, 0.7f], EngineHarness.Model, 1000);
        CollectionAssert.AreEqual(ids.OrderBy(id => id.Value).ToList(), all.Select(hit => hit.Concept.Id).ToList());
        CollectionAssert.AreEqual(all.Take(7).ToList(), engine.Search([3f, 1f, 7f], EngineHarness.Model, 7).Select((hit, i) => hit with { Score = all[i].Score }).ToList());
    }

    [TestMethod]
    public async Task Vectors_of_different_models_are_never_compared()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        await engine.LearnAsync(EngineHarness.Concept("a", [1, 0], "model-a"));
        await engine.LearnAsync(EngineHarness.Concept("b", [1, 0], "model-b"));

        Assert.AreEqual("a", engine.Search([1, 0], "model-a", 10).Single().Concept.Read().Content);
        Assert.AreEqual("b", engine.Search([1, 0], "model-b", 10).Single().Concept.Read().Content);
        Assert.IsEmpty(engine.Search([1, 0], "model-c", 10));
    }

    [TestMethod]
    public async Task Vectors_near_the_ends_of_single_precision_are_compared_like_any_other()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        await engine.LearnAsync(EngineHarness.Concept("huge", [3e38f, 3e38f, 0]));
        await engine.LearnAsync(EngineHarness.Concept("tiny", [1e-44f, 0, 1e-44f]));

        var hits = engine.Search([1e-40f, 1e-40f, 0], EngineHarness.Model, 2);
        Assert.AreEqual("huge", hits[0].Concept.Read().Content);
        Assert.AreEqual(1f, hits[0].Score, 1e-4f);
        Assert.AreEqual(0.5f, hits[1].Score, 1e-4f);
    }

    [TestMethod]
    public async Task Space_of_deleted_vectors_comes_back()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var random = new Random(3);
        var ids = new List<ConceptId>();
        await LearnAsync(3000);
        var full = engine.Statistics.VectorBytes;
        for (var round = 0; round < 4; round++)
        {
            foreach (var id in ids.Skip(200))
            {
                Assert.IsTrue(await engine.DeleteAsync(id));
            }

            ids.RemoveRange(200, ids.Count - 200);
            Assert.IsLessThan(full / 2, engine.Statistics.VectorBytes);
            Assert.HasCount(200, engine.Search(EngineHarness.RandomVector(random, 512), EngineHarness.Model, 1000));
            await LearnAsync(2800);
        }

        Assert.IsLessThan(full * 2, engine.Statistics.VectorBytes);

        async Task LearnAsync(int count)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => engine.LearnAsync(EngineHarness.Concept($"text {random.NextInt64()}", EngineHarness.RandomVector(random, 512)))));
            ids.AddRange(results.Select(result => result.Id));
        }
    }

    private static double Cosine(float[] left, float[] right)
    {
        double dot = 0, leftSquares = 0, rightSquares = 0;
        for (var i = 0; i < left.Length; i++)
        {
            dot += (double)left[i] * right[i];
            leftSquares += (double)left[i] * left[i];
            rightSquares += (double)right[i] * right[i];
        }

        return dot / Math.Sqrt(leftSquares * rightSquares);
    }
}
