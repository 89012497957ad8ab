using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Search;
using Sutra.Storage.Segments;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

/// <summary>Engines whose data is sealed, with concepts of five owners, one of them nobody.</summary>
internal static class SealedHarness
{
    private const int Dimension = 16;

    public static SegmentOptions Quick { get; } = EngineHarness.Busy with { MemoryRows = 40, FlatSegments = 2, LinkRows = 60 };

    public static ConceptEngine Open(SimulatedDisk disk, KeyRing ring, EncryptionMode mode, TimeSpan? idle = null) =>
        EngineHarness.Open(disk, segments: Quick with { Idle = idle ?? Quick.Idle }, seal: new CollectionSeal(ring, mode, "notes"));

    public static async Task LearnAsync(ConceptEngine engine, int first, int count, Dictionary<ConceptId, NewConcept>? learned = null)
    {
        foreach (var concept in Enumerable.Range(first, count).Select(Concept))
        {
            var result = await engine.LearnAsync(concept);
            learned?.Add(result.Id, concept);
        }
    }

    public static NewConcept Concept(int number) =>
        EngineHarness.Concept($"marigold {number}", Vector(number), metadata: new Dictionary<string, string> { ["colour"] = "violet" }) with { Owner = number % 5 == 4 ? "" : $"subject-{number % 5}" };

    public static float[] Vector(int number) => EngineHarness.RandomVector(new Random(number), Dimension);

    public static void AssertAllThere(ConceptEngine engine, Dictionary<ConceptId, NewConcept> learned)
    {
        Assert.AreEqual(learned.Count, engine.Statistics.Concepts);
        foreach (var (id, concept) in learned)
        {
            EngineHarness.AssertSame(concept, engine.Get(id));
        }

        var hits = engine.Search("marigold", learned.Values.First().Embedding.Span, EngineHarness.Model, 1000, new HybridOptions(Candidates: 1000));
        CollectionAssert.AreEquivalent(learned.Keys.ToList(), hits.Select(hit => hit.Concept.Id).ToList());
        foreach (var hit in hits)
        {
            EngineHarness.AssertSame(learned[hit.Concept.Id], hit.Concept.Read());
        }

        Assert.IsEmpty(engine.Verify().Faults);
    }

    public static bool Contains(SimulatedDisk disk, ReadOnlySpan<byte> bytes) =>
        ContainsIn(disk, "/data/segments", bytes) || ContainsIn(disk, "/data/log", bytes) || ContainsIn(disk, "/data/keys", bytes);

    public static bool ContainsInSegments(SimulatedDisk disk, ReadOnlySpan<byte> bytes) => ContainsIn(disk, "/data/segments", bytes);

    public static bool ContainsIn(SimulatedDisk disk, string folder, ReadOnlySpan<byte> bytes)
    {
        foreach (var name in disk.ListFiles(folder))
        {
            if (disk.ReadIfThere($"{folder}/{name}") is { } file && file.AsSpan().IndexOf(bytes) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
