using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sutra.Storage.Engine;
using Sutra.Storage.Telemetry;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Telemetry;

[TestClass]
public sealed class StorageTelemetryTests
{
    [TestMethod]
    public async Task Learning_searching_and_failing_are_measured()
    {
        using var meters = new OwnMeters();
        using var telemetry = new StorageTelemetry(meters);
        var measured = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (meters.Owns(instrument.Meter))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.Start();
        var disk = new SimulatedDisk();
        using var engine = ConceptEngine.Open(disk, new EngineOptions { DataPath = "/data" }, TimeProvider.System, telemetry);

        await engine.LearnAsync(EngineHarness.Concept("first"));
        await engine.LearnAsync(EngineHarness.Concept("second"));
        engine.Search([1, 2, 3], EngineHarness.Model, 1);
        disk.WritableBytes = 0;
        await Assert.ThrowsAsync<Sutra.Storage.Log.LogUnavailableException>(() => engine.LearnAsync(EngineHarness.Concept("third")));
        listener.RecordObservableInstruments();

        Assert.AreEqual(2, measured["sutra.storage.concepts"]);
        Assert.AreEqual(2, measured["sutra.storage.log.group.size"]);
        Assert.AreEqual(1, measured["sutra.storage.log.failures"]);
        Assert.AreEqual(engine.Statistics.LogBytes, measured["sutra.storage.log.size"]);
        Assert.AreEqual(engine.Statistics.VectorBytes, measured["sutra.storage.vectors.size"]);
        Assert.IsGreaterThan(0, measured["sutra.storage.log.flush.duration"]);
        Assert.IsGreaterThan(0, measured["sutra.storage.search.duration"]);
    }

    private sealed class OwnMeters : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options.Name);
            _meters.Add(meter);
            return meter;
        }

        public bool Owns(Meter meter) => _meters.Contains(meter);

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
