using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;
using Sutra.Tests.Storage.Telemetry;

namespace Sutra.Tests.Storage.Engine;

internal static class EngineHarness
{
    public const string Model = "model-a";

    /// <summary>Checkpoints and merges all the time: what takes a million concepts otherwise happens with a few hundred.</summary>
    public static SegmentOptions Busy { get; } = new() { MemoryRows = 24, FlatSegments = 3, LinkRows = 60, Idle = TimeSpan.FromMilliseconds(50), BuildThreads = 2 };

    public static ConceptEngine Open(
        IFileSystem files,
        string path = "/data",
        int idBits = 64,
        long segmentBytes = LogOptions.DefaultSegmentBytes,
        TimeProvider? time = null,
        SegmentOptions? segments = null,
        CollectionSeal? seal = null) =>
        ConceptEngine.Open(
            files,
            new EngineOptions
            {
                DataPath = path,
                Identity = new ConceptIdentity(idBits),
                Log = new LogOptions { SegmentBytes = segmentBytes },
                Segments = segments ?? new SegmentOptions(),
                Seal = seal ?? CollectionSeal.Off,
            },
            time ?? TimeProvider.System,
            SharedTelemetry.Instance);

    /// <summary>Waits until what happens in the background has led to this.</summary>
    public static async Task UntilAsync(this ConceptEngine engine, Func<EngineStatistics, bool> condition, string what)
    {
        var limit = Environment.TickCount64 + 60_000;
        while (!condition(engine.Statistics))
        {
            Assert.IsLessThan(limit, Environment.TickCount64, $"never: {what}; {engine.Statistics}");
            await Task.Delay(5);
        }
    }

    public static NewConcept Concept(
        string content,
        float[]? embedding = null,
        string model = Model,
        IReadOnlyDictionary<string, string>? metadata = null,
        params Association[] associations) =>
        new(content, metadata ?? new Dictionary<string, string>(), embedding ?? [1, 2, 3], associations, model);

    public static float[] RandomVector(Random random, int dimension)
    {
        var vector = new float[dimension];
        for (var i = 0; i < dimension; i++)
        {
            vector[i] = (float)(random.NextDouble() * 2 - 1);
        }

        return vector;
    }

    public static Concept Get(this ConceptEngine engine, ConceptId id)
    {
        Assert.IsTrue(engine.TryGet(id, out var stored), $"{id} is not there");
        return stored.Read();
    }

    public static void AssertSame(NewConcept expected, Concept actual)
    {
        Assert.AreEqual(expected.Content, actual.Content);
        Assert.AreEqual(expected.Model, actual.Model);
        Assert.AreEqual(expected.Owner, actual.Owner);
        CollectionAssert.AreEquivalent(expected.Metadata.ToList(), actual.Metadata.ToList());
        CollectionAssert.AreEqual(expected.Associations.ToList(), actual.Associations.ToList());
        Assert.IsTrue(expected.Embedding.Span.SequenceEqual(actual.Embedding.Span), "the embedding is not the same bit for bit");
    }
}
