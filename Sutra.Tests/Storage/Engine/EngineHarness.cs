using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Log;
using Sutra.Storage.Telemetry;

namespace Sutra.Tests.Storage.Engine;

internal static class EngineHarness
{
    public const string Model = "model-a";

    public static ConceptEngine Open(IFileSystem files, string path = "/data", int idBits = 64, long segmentBytes = LogOptions.DefaultSegmentBytes, TimeProvider? time = null) =>
        ConceptEngine.Open(
            files,
            new EngineOptions { DataPath = path, Identity = new ConceptIdentity(idBits), Log = new LogOptions { SegmentBytes = segmentBytes } },
            time ?? TimeProvider.System,
            new StorageTelemetry());

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
        CollectionAssert.AreEquivalent(expected.Metadata.ToList(), actual.Metadata.ToList());
        CollectionAssert.AreEqual(expected.Associations.ToList(), actual.Associations.ToList());
        Assert.IsTrue(expected.Embedding.Span.SequenceEqual(actual.Embedding.Span), "the embedding is not the same bit for bit");
    }
}
