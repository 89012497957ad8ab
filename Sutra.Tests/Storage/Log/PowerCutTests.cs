using Sutra.Storage.Log;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Log;

/// <summary>The promise, against a disk that loses any part of what was not flushed.</summary>
[TestClass]
public sealed class PowerCutTests
{
    [TestMethod]
    public async Task Nothing_answered_is_lost_however_the_power_goes()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            await RunAsync(new Random(seed), $"seed {seed}");
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
            catch (Exception e) when (e is AssertFailedException or LogCorruptException)
            {
                noticed++;
            }
        }

        Assert.IsGreaterThan(5, noticed);
    }

    [TestMethod]
    public async Task A_seal_that_was_written_but_not_flushed_when_the_process_ended_outlives_a_later_power_cut()
    {
        var options = new LogOptions { SegmentBytes = 100 };
        for (var seed = 0; seed < 30; seed++)
        {
            var disk = new SimulatedDisk();
            using (var log = LogHarness.Open(disk, new Recorder(), options))
            {
                await log.WriteAsync(new string('1', 100));
                var first = WriteAheadLogTests.SegmentPath(1);
                disk.Fault = (operation, path) =>
                {
                    if (operation == "flush" && path == first && disk.ListFiles(LogHarness.Folder).Count(name => name.EndsWith(".log", StringComparison.Ordinal)) == 2)
                    {
                        throw new IOException("the process is ended here");
                    }
                };
                await Assert.ThrowsExactlyAsync<LogUnavailableException>(() => log.WriteAsync("2"));
            }

            disk.Fault = null;
            using (var log = LogHarness.Open(disk, new Recorder(), options))
            {
                await log.WriteAsync("3");
            }

            CollectionAssert.AreEqual(new[] { new string('1', 100), "3" }, LogHarness.TextsOn(disk.Crash(new Random(seed))), $"seed {seed}");
        }
    }

    private static async Task RunAsync(Random random, string because, bool flushesLie = false)
    {
        var disk = new SimulatedDisk { FlushesLie = flushesLie };
        var answered = new HashSet<string>();
        var attempted = new HashSet<string>();
        var options = new LogOptions { SegmentBytes = 2048, MaxBatchBytes = 1500 };
        for (var life = 0; life < 4; life++)
        {
            var current = disk;
            var operations = random.Next(1, 60);
            disk.Fault = (_, _) =>
            {
                if (Interlocked.Decrement(ref operations) < 0)
                {
                    throw new IOException("the power is gone");
                }
            };
            try
            {
                var recorder = new Recorder();
                using var log = LogHarness.Open(current, recorder, options);
                Verify(recorder);
                var texts = Enumerable.Range(0, 40).Select(i => $"{life}.{i} " + new string('x', random.Next(300))).ToList();
                attempted.UnionWith(texts);
                await Task.WhenAll(texts.Chunk(10).Select(async chunk =>
                {
                    foreach (var text in chunk)
                    {
                        await log.WriteAsync(text);
                        lock (answered)
                        {
                            answered.Add(text);
                        }
                    }
                }));
            }
            catch (Exception e) when (e is LogUnavailableException or IOException)
            {
                // The cut.
            }

            disk = disk.Crash(random);
            disk.FlushesLie = flushesLie;
        }

        var last = new Recorder();
        using var end = LogHarness.Open(disk, last, options);
        Verify(last);

        void Verify(Recorder recorder)
        {
            var found = recorder.Texts.ToList();
            Assert.IsTrue(answered.IsSubsetOf(found), $"{because}: {answered.Except(found).Count()} of {answered.Count} answered records are gone");
            Assert.IsTrue(attempted.IsSupersetOf(found), $"{because}: a record appeared that nobody wrote");
            Assert.AreEqual(found.Count, found.Distinct().Count(), $"{because}: a record appeared twice");
        }
    }
}
