using Sutra.Storage.Log;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Log;

[TestClass]
public sealed class LogFailureTests
{
    [TestMethod]
    public async Task A_failed_flush_fails_its_writers_and_every_later_write_without_another_try()
    {
        var disk = new SimulatedDisk();
        using var log = LogHarness.Open(disk, new Recorder());
        await log.WriteAsync("kept");
        disk.Fault = (operation, _) => ThrowIf(operation == "flush");

        var failure = await Assert.ThrowsAsync<LogUnavailableException>(() => log.WriteAsync("lost"));
        Assert.Contains("simulated", failure.Message);
        Assert.IsNotNull(log.Failure);
        var touched = 0;
        disk.Fault = (_, _) => touched++;
        await Assert.ThrowsAsync<LogUnavailableException>(() => log.WriteAsync("refused"));
        Assert.AreEqual(0, touched, "the disk recovered, but what it holds is not known any more");
    }

    [TestMethod]
    public async Task A_short_write_latches_and_the_next_start_cuts_it_and_keeps_what_was_answered()
    {
        for (var allowed = 0; allowed < 24 + 11; allowed++)
        {
            var disk = new SimulatedDisk();
            using (var log = LogHarness.Open(disk, new Recorder()))
            {
                await log.WriteAsync("kept");
                disk.WritableBytes = allowed;
                await Assert.ThrowsAsync<LogUnavailableException>(() => log.WriteAsync("torn record"));
                disk.WritableBytes = null;
            }

            var recorder = new Recorder();
            using var reopened = LogHarness.Open(disk, recorder);
            CollectionAssert.AreEqual(new[] { "kept" }, recorder.Texts.ToList(), $"{allowed} bytes were written");
            Assert.AreEqual(allowed, reopened.Recovery.CutBytes);
        }
    }

    [TestMethod]
    public async Task Records_queued_behind_a_failure_fail_too()
    {
        var disk = new SimulatedDisk();
        using var log = LogHarness.Open(disk, new Recorder(), new LogOptions { MaxBatchBytes = 1 });
        disk.Fault = (operation, _) => ThrowIf(operation == "write");
        var records = Enumerable.Range(0, 20).Select(i => new TextRecord($"{i}")).ToList();
        foreach (var record in records)
        {
            try
            {
                await log.EnqueueAsync(record, CancellationToken.None);
            }
            catch (LogUnavailableException)
            {
                record.Fail(new InvalidOperationException("refused at once"));
            }
        }

        foreach (var record in records)
        {
            await Assert.ThrowsAsync<Exception>(() => record.Done.WaitAsync(TimeSpan.FromSeconds(20)), "none may hang or succeed");
        }
    }

    [TestMethod]
    [DataRow("create")]
    [DataRow("rename")]
    [DataRow("flushfolder")]
    [DataRow("open")]
    public async Task A_failed_rotation_latches_and_nothing_answered_is_lost(string failing)
    {
        var disk = new SimulatedDisk();
        var answered = new List<string>();
        using (var log = LogHarness.Open(disk, new Recorder(), new LogOptions { SegmentBytes = 200 }))
        {
            disk.Fault = (operation, _) => ThrowIf(operation == failing);
            for (var i = 0; log.Failure is null; i++)
            {
                try
                {
                    await log.WriteAsync($"record {i}");
                    answered.Add($"record {i}");
                }
                catch (LogUnavailableException)
                {
                    Assert.IsNotNull(log.Failure);
                }
            }

            disk.Fault = null;
        }

        Assert.IsNotEmpty(answered);
        CollectionAssert.AreEqual(answered, LogHarness.TextsOn(disk.Kill()));
    }

    private static void ThrowIf(bool condition)
    {
        if (condition)
        {
            throw new IOException("a simulated fault");
        }
    }
}
