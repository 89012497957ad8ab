using System.Collections.Concurrent;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Engine;

namespace Sutra.Tests.Storage.Concepts;

[TestClass]
public sealed class ConcurrencyTests
{
    private const int Dimension = 24;

    /// <summary>
    /// Learners and deleters own a share of the contents each, so every one knows what must be there; searchers check what holds
    /// for any order: each hit is a vector that was learned for that content, and nobody appears twice.
    /// </summary>
    [TestMethod]
    [DataRow(false, DisplayName = "in memory")]
    [DataRow(true, DisplayName = "amid checkpoints and merges")]
    public async Task Learners_deleters_and_searchers_agree_with_a_dictionary_and_so_does_the_next_start(bool busy)
    {
        var segments = busy ? EngineHarness.Busy : null;
        using var folder = new TemporaryFolder();
        var expected = new ConcurrentDictionary<string, NewConcept>();
        var pinned = Enumerable.Range(0, 50).Select(i => Version($"pinned {i}", 0)).ToList();
        using (var engine = EngineHarness.Open(new DiskFileSystem(), folder.Path, idBits: 16, segmentBytes: 16 * 1024, segments: segments))
        {
            await Task.WhenAll(pinned.Select(concept => engine.LearnAsync(concept)));
            using var stop = new CancellationTokenSource();
            var searchers = Enumerable.Range(0, 3).Select(seed => Task.Run(() => SearchUntil(engine, new Random(seed), pinned, stop.Token))).ToList();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(owner => Task.Run(() => WriteAsync(engine, owner, expected))));
            await stop.CancelAsync();
            Assert.IsGreaterThan(10, (await Task.WhenAll(searchers)).Sum());
            Verify(engine, expected, pinned);
            Assert.AreEqual(busy, engine.Statistics.Segments > 0);
            Assert.IsNull(engine.Failure);
        }

        using var reopened = EngineHarness.Open(new DiskFileSystem(), folder.Path, idBits: 16, segmentBytes: 16 * 1024, segments: segments);
        Verify(reopened, expected, pinned);
    }

    private static async Task WriteAsync(ConceptEngine engine, int owner, ConcurrentDictionary<string, NewConcept> expected)
    {
        var random = new Random(1000 + owner);
        var ids = new Dictionary<string, ConceptId>();
        for (var i = 0; i < 150; i++)
        {
            var content = $"owner {owner} text {random.Next(30)}";
            if (ids.TryGetValue(content, out var id) && random.Next(3) == 0)
            {
                Assert.IsTrue(await engine.DeleteAsync(id));
                Assert.IsFalse(engine.TryGet(id, out var stored) && stored.Read().Content == content, "gone when answered");
                ids.Remove(content);
                expected.TryRemove(content, out _);
            }
            else
            {
                var concept = Version(content, i);
                var result = await engine.LearnAsync(concept);
                Assert.AreEqual(!ids.ContainsKey(content), result.Created);
                ids[content] = result.Id;
                expected[content] = concept;
                EngineHarness.AssertSame(concept, engine.Get(result.Id));
                var best = engine.Search(concept.Embedding.Span, EngineHarness.Model, 1)[0];
                Assert.AreEqual(1f, best.Score, 1e-5f, "searchable when answered");
            }
        }
    }

    private static int SearchUntil(ConceptEngine engine, Random random, List<NewConcept> pinned, CancellationToken stop)
    {
        var searches = 0;
        while (!stop.IsCancellationRequested)
        {
            var hits = engine.Search(EngineHarness.RandomVector(random, Dimension), EngineHarness.Model, 1000, cancellation: CancellationToken.None);
            var contents = hits.Select(hit => hit.Concept.Read()).ToList();
            Assert.HasCount(hits.Count, contents.Select(concept => concept.Content).Distinct().ToList(), "a concept that is replaced is in one version or the other, never in both");
            Assert.IsTrue(pinned.All(concept => contents.Any(found => found.Content == concept.Content)), "what nobody touches is always found");
            foreach (var concept in contents)
            {
                var version = int.Parse(concept.Metadata["version"]);
                Assert.IsTrue(Version(concept.Content, version).Embedding.Span.SequenceEqual(concept.Embedding.Span));
            }

            searches++;
        }

        return searches;
    }

    private static void Verify(ConceptEngine engine, ConcurrentDictionary<string, NewConcept> expected, List<NewConcept> pinned)
    {
        Assert.AreEqual(expected.Count + pinned.Count, engine.Statistics.Concepts);
        var found = engine.Search(EngineHarness.RandomVector(new Random(1), Dimension), EngineHarness.Model, 1000)
            .Select(hit => hit.Concept.Read())
            .ToDictionary(concept => concept.Content);
        Assert.HasCount(expected.Count + pinned.Count, found);
        foreach (var concept in expected.Values.Concat(pinned))
        {
            EngineHarness.AssertSame(concept, found[concept.Content]);
            EngineHarness.AssertSame(concept, engine.Get(found[concept.Content].Id));
        }
    }

    private static NewConcept Version(string content, int version)
    {
        var random = new Random(content.Sum(letter => letter) * 1000 + version);
        return EngineHarness.Concept(content, EngineHarness.RandomVector(random, Dimension), metadata: new Dictionary<string, string> { ["version"] = $"{version}" });
    }
}
