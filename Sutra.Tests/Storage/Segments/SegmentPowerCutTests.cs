using Sutra.Storage.Log;
using Sutra.Storage.Segments;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Segments;

/// <summary>The promise of the whole engine, against a disk that loses any part of what was not flushed, amid checkpoints and merges.</summary>
[TestClass]
public sealed class SegmentPowerCutTests
{
    private const int Seeds = 150;
    private const int Lives = 4;

    [TestMethod]
    public async Task Nothing_answered_is_lost_and_nothing_deleted_comes_back_however_the_power_goes()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            await RunAsync(new Random(seed), $"seed {seed}", flushesLie: false);
        }
    }

    [TestMethod]
    public async Task The_test_above_notices_a_disk_whose_flushes_do_nothing()
    {
        var noticed = 0;
        for (var seed = 0; seed < 10; seed++)
        {
            try
            {
                await RunAsync(new Random(seed), $"seed {seed}", flushesLie: true);
            }
            catch (Exception e) when (e is AssertFailedException or LogCorruptException or SegmentCorruptException)
            {
                noticed++;
            }
        }

        Assert.IsGreaterThan(5, noticed);
    }

    private static async Task RunAsync(Random random, string because, bool flushesLie)
    {
        var disk = new SimulatedDisk { FlushesLie = flushesLie };
        var model = new EngineModel(random, contents: 60);
        var options = EngineHarness.Busy with { MemoryRows = 8, FlatSegments = 2, LinkRows = 20, Idle = TimeSpan.FromMilliseconds(1) };
        for (var life = 0; life < Lives; life++)
        {
            var operations = random.Next(1, 600);
            disk.Fault = (_, _) =>
            {
                if (Interlocked.Decrement(ref operations) < 0)
                {
                    throw new IOException("the power is gone");
                }
            };
            try
            {
                using var engine = EngineHarness.Open(disk, segmentBytes: 4096, segments: options);
                model.Verify(engine, $"{because}, life {life}");
                for (var i = 0; i < 100; i++)
                {
                    await model.StepAsync(engine);
                }
            }
            catch (Exception e) when (e is LogUnavailableException or IOException)
            {
                // The cut.
            }

            // Or only the process ended: what it wrote is there, flushed or not, and a later cut may still take it.
            if (random.Next(3) > 0)
            {
                disk = disk.Crash(random);
                disk.FlushesLie = flushesLie;
            }
            else
            {
                disk.Fault = null;
            }
        }

        using var last = EngineHarness.Open(disk, segmentBytes: 4096, segments: options);
        model.Verify(last, $"{because}, at the end");
    }
}
