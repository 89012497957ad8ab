using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Telemetry;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Telemetry;

[TestClass]
public sealed class EmbedderTelemetryTests
{
    [TestMethod]
    [DataRow(TextFailure.None, "ok")]
    [DataRow(TextFailure.Late, "late")]
    [DataRow(TextFailure.ModelFailed, "failed")]
    public void A_call_whose_texts_we_failed_is_not_counted_as_well(object failure, string status)
    {
        using var meters = new OwnMeters();
        var telemetry = new EmbedderTelemetry(meters);
        object? seen = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meters.Meter) && instrument.Name == "embedding_requests_total")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => seen = tags.ToArray().Single(tag => tag.Key == "status").Value);
        listener.Start();
        telemetry.Answered("model", (TextFailure)failure, TimeSpan.FromSeconds(1));
        Assert.AreEqual(status, seen);
    }

    [TestMethod]
    public async Task Runs_are_counted_with_their_texts_tokens_and_padding()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var meters = new OwnMeters();
        var seen = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meters.Meter))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.Start();

        using (var embedder = new InProcessEmbedder(folder.Path, o => (o.Workers, o.BatchPadding) = (1, 1), new EmbedderTelemetry(meters)))
        {
            await embedder.EmbedAsync(["cat", "the cat", "the cat sat"]);
        }

        listener.RecordObservableInstruments();
        Assert.AreEqual(3, seen["embedding_texts_total"]);
        Assert.AreEqual(3 + 4 + 5, seen["embedding_tokens_total"]);
        Assert.AreEqual(3, seen["embedding_padding_tokens_total"]);
        Assert.AreEqual(3, seen["embedding_batch_size"]);
        Assert.IsTrue(seen["embedding_run_duration_seconds"] > 0);
        Assert.AreEqual(0, seen["embedding_queue_texts"]);
        Assert.AreEqual(1, seen["embedding_requests_total"]);
        Assert.IsTrue(seen["embedding_request_duration_seconds"] > 0);
        Assert.IsTrue(seen["model_load_duration_seconds"] > 0);
    }

    private sealed class OwnMeters : IMeterFactory
    {
        public Meter Meter { get; } = new(EmbedderTelemetry.MeterName);

        public Meter Create(MeterOptions options) => Meter;

        public void Dispose() => Meter.Dispose();
    }
}
