using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Engine;

namespace Sutra.Tests.Storage.Grpc;

[TestClass]
public sealed class StartAndStopTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [TestMethod]
    [TestCategory("Slow")]
    public async Task An_orderly_stop_ends_with_code_0_and_the_next_start_finds_a_clean_log()
    {
        using var folder = new TemporaryFolder();
        var service = new StorageProcess(folder.File("new/data"));
        string id;
        await using (var process = await service.StartReadyAsync())
        {
            using (var storage = StorageClient.To(service.GrpcPort))
            {
                id = (await storage.LearnAsync(StorageClient.Request("kept"))).Id;
            }

            using var limit = new CancellationTokenSource(Limit);
            Signal.Send(process.Process.Id, Signal.Terminate);
            await process.Process.WaitForExitAsync(limit.Token);
            Assert.AreEqual(0, process.Process.ExitCode, process.Output);
        }

        await using var next = await service.StartReadyAsync();
        using var reader = StorageClient.To(service.GrpcPort);
        Assert.AreEqual("kept", (await reader.GetAsync(id)).Content);
        Assert.DoesNotContain("interrupted write", next.Output);

        await AssertRefusedAsync(new StorageProcess(folder.File("new/data")).Start(), "another process");
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Data_that_cannot_be_used_stops_the_start_with_one_line()
    {
        using var folder = new TemporaryFolder();
        await AssertRefusedAsync(new StorageProcess("").Start(), "Storage:DataPath is empty");

        var file = folder.File("a-file");
        await File.WriteAllTextAsync(file, "not a folder");
        await AssertRefusedAsync(new StorageProcess(Path.Combine(file, "data")).Start(), "Storage:DataPath");

        var damaged = folder.File("damaged");
        using (var engine = EngineHarness.Open(new Sutra.Storage.Files.DiskFileSystem(), damaged))
        {
            await engine.LearnAsync(EngineHarness.Concept("first"));
            await engine.LearnAsync(EngineHarness.Concept("second"));
        }

        var log = Directory.GetFiles(Path.Combine(damaged, "log")).Single();
        var bytes = await File.ReadAllBytesAsync(log);
        bytes[100] ^= 1;
        await File.WriteAllBytesAsync(log, bytes);
        await AssertRefusedAsync(new StorageProcess(damaged).Start(), "is corrupt at offset 64");
        CollectionAssert.AreEqual(bytes, await File.ReadAllBytesAsync(log), "refusing changes nothing");
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Sealed_data_opens_with_its_master_key_only_and_the_key_can_be_rotated()
    {
        using var folder = new TemporaryFolder();
        var data = folder.File("data");
        var (first, second) = (Convert.ToBase64String(new byte[32].Select((_, i) => (byte)i).ToArray()), Convert.ToBase64String(new byte[32].Select((_, i) => (byte)(i * 7)).ToArray()));
        (string, string)[] sealing = [("Storage__Encryption__Mode", "full"), ("SUTRA_MASTER_KEY", first)];
        var service = new StorageProcess(data);
        string id;
        await using (await service.StartReadyAsync(sealing))
        {
            using var storage = StorageClient.To(service.GrpcPort);
            id = (await storage.LearnAsync(StorageClient.Request("a marigold in the dark"))).Id;
        }

        foreach (var file in Directory.GetFiles(data, "*", SearchOption.AllDirectories))
        {
            Assert.AreEqual(-1, (await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("marigold"u8), file);
        }

        await AssertRefusedAsync(service.Start(("Storage__Encryption__Mode", "full"), ("SUTRA_MASTER_KEY", second)), "master key");
        await AssertRefusedAsync(service.Start(), "SUTRA_MASTER_KEY");
        await using (await service.StartReadyAsync(("Storage__Encryption__Mode", "full"), ("SUTRA_MASTER_KEY", second), ("OLD_KEY", first), ("Storage__Encryption__OlderKeyVariables__0", "OLD_KEY")))
        {
            using var storage = StorageClient.To(service.GrpcPort);
            Assert.AreEqual("a marigold in the dark", (await storage.GetAsync(id)).Content);
        }

        await AssertRefusedAsync(service.Start(sealing), "master key");
    }

    private static async Task AssertRefusedAsync(ServiceProcess process, string reason)
    {
        await using (process)
        {
            using var limit = new CancellationTokenSource(Limit);
            await process.Process.WaitForExitAsync(limit.Token);
            Assert.AreEqual(1, process.Process.ExitCode, process.Output);
            var lines = process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            Assert.ContainsSingle(lines, process.Output);
            Assert.Contains(reason, lines[0]);
        }
    }
}
