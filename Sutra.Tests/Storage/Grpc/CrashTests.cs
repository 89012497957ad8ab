using System.Globalization;
using Sutra.Contracts.Identity;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Storage.Grpc;

/// <summary>The promise of the whole service: what was acknowledged survives kill -9, at whatever moment.</summary>
[TestClass]
public sealed class CrashTests
{
    // SUTRA_TEST_KILLS asks for more: 500 take some 15 minutes.
    private static readonly int s_kills = int.Parse(Environment.GetEnvironmentVariable("SUTRA_TEST_KILLS") ?? "10", CultureInfo.InvariantCulture);

    private static readonly int s_sealedKills = Math.Max(3, s_kills / 5);

    private const int Clients = 8;

    // Small: some of the kills hit a rotation, a checkpoint or a merge.
    private static readonly (string, string)[] s_settings = [("Storage__SegmentBytes", "65536"), ("Storage__MemoryRows", "48"), ("Storage__FlatSegments", "2")];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Slow")]
    public Task No_acknowledged_learn_is_lost_and_no_acknowledged_delete_undone_however_often_it_is_killed() =>
        RunAsync(s_kills, "default", (service, _, _) => service.StartReadyAsync(s_settings));

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Nor_of_a_sealed_collection_when_every_start_rotates_the_master_key_and_is_killed_in_it()
    {
        var keys = Enumerable.Range(0, s_sealedKills + 1).Select(life => Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(life)))).ToList();
        var hit = 0;
        await RunAsync(s_sealedKills, "sealed", async (service, life, random) =>
        {
            (string, string)[] settings =
            [
                .. s_settings, ("Storage__Encryption__Mode", "content"), ("Storage__Encryption__KeyVariable", "SUTRA_TEST_NEW"), ("SUTRA_TEST_NEW", keys[life]),
                .. life == 0 ? [] : new[] { ("Storage__Encryption__OlderKeyVariables__0", "SUTRA_TEST_OLD"), ("SUTRA_TEST_OLD", keys[life - 1]) },
            ];
            if (life > 0)
            {
                hit += await KillInRotationAsync(service, settings, random.Next(20_000)) ? 1 : 0;
            }

            return await service.StartReadyAsync(settings);
        });
        TestContext.WriteLine($"{hit} of {s_sealedKills} rotations were seen and killed");
        Assert.IsGreaterThan(0, hit, "no kill came while the new ring was being written");
    }

    private async Task RunAsync(int kills, string collection, Func<StorageProcess, int, Random, Task<ServiceProcess>> startAsync)
    {
        using var folder = new TemporaryFolder();
        var service = new StorageProcess(folder.File("data"));
        var clients = Enumerable.Range(0, Clients).Select(number => new CrashClient(number)).ToList();
        var random = new Random(4711);
        var torn = 0;
        for (var life = 0; life < kills; life++)
        {
            await using var process = await startAsync(service, life, random);
            using var storage = StorageClient.To(service.GrpcPort, Permissions.Read, Permissions.Write, Permissions.Admin).In(collection);
            if (life == 0)
            {
                await storage.CreateCollectionAsync();
            }

            await Task.WhenAll(clients.Select(client => client.VerifyRecentAsync(storage)));
            torn += process.Output.Contains("interrupted write") ? 1 : 0;

            var answers = 0;
            var killAfter = random.Next(1, Clients * CrashClient.Learns);
            var spin = random.Next(2000);
            var now = life;
            await Task.WhenAll(clients.Select(client => client.LearnAsync(storage, now, new Random(now * 100 + client.Number), () =>
            {
                if (Interlocked.Increment(ref answers) == killAfter)
                {
                    Thread.SpinWait(spin);
                    process.Kill();
                }
            })));
            Assert.IsTrue(process.Process.HasExited, "the kill came before the work was done");
        }

        await using var last = await startAsync(service, kills, random);
        using var reader = StorageClient.To(service.GrpcPort, Permissions.Read, Permissions.Write, Permissions.Admin).In(collection);
        await Task.WhenAll(clients.Select(client => client.VerifyAllAsync(reader)));
        var learned = clients.Sum(client => client.Acknowledged);

        // A few kills may come before there is enough for a checkpoint.
        await Task.WhenAll(clients.Select(client => client.LearnAsync(reader, kills, new Random(client.Number), () => { })));
        var statistics = await reader.GetStatisticsAsync();
        for (var tries = 0; statistics.Segments == 0; tries++)
        {
            Assert.IsLessThan(600, tries, "there was no checkpoint");
            await Task.Delay(50);
            statistics = await reader.GetStatisticsAsync();
        }

        await Task.WhenAll(clients.Select(client => client.VerifyAllAsync(reader)));
        Assert.IsEmpty((await reader.VerifyAsync()).Faults);
        TestContext.WriteLine($"{kills} kills, {learned} acknowledged changes, {torn} torn tails cut, {statistics.Concepts} concepts left, {statistics.Segments} segments");
        Assert.IsGreaterThan(kills * 20, learned);
    }

    // True: the new ring was seen being written, and the kill came then or right after.
    private static async Task<bool> KillInRotationAsync(StorageProcess service, (string, string)[] settings, int spin)
    {
        await using var process = service.Start(settings);
        var aside = Path.Combine(service.DataPath, "keys", "ring.new");
        var limit = Environment.TickCount64 + 20_000;
        while (!File.Exists(aside) && !process.Output.Contains("locked with master key") && Environment.TickCount64 < limit)
        {
            Thread.Yield();
        }

        var seen = File.Exists(aside);
        Thread.SpinWait(spin);
        process.Kill();
        return seen;
    }
}
