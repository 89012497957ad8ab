using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Jobs.Embedded;
using Sutra.ServiceDefaults.Startup;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Ingestion;

[TestClass]
public sealed class EmbeddedJobStoreTests : JobStoreTests
{
    private readonly TemporaryFolder _folder = new();

    private string Journal => _folder.File("jobs.journal");

    [TestCleanup]
    public async Task CloseAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    [TestMethod]
    public async Task A_record_cut_off_at_any_byte_never_was_and_the_ones_before_it_are_all_there()
    {
        var first = await CreateAsync([3]);
        await Store.DisposeAsync();
        var whole = new FileInfo(Journal).Length;
        await ReopenAsync();
        var second = await CreateAsync([4]);
        await Store.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(Journal);
        for (var length = whole; length < bytes.Length; length += 7)
        {
            await File.WriteAllBytesAsync(Journal, bytes[..(int)length]);
            await ReopenAsync();
            Assert.IsNotNull(await Store.FindAsync(first, default));
            Assert.IsNull(await Store.FindAsync(second, default));
            await Store.DisposeAsync();
            Assert.AreEqual(whole, new FileInfo(Journal).Length, "what was half written is cut");
        }
    }

    [TestMethod]
    public async Task A_record_that_was_changed_stops_the_start()
    {
        await CreateAsync([3]);
        await CreateAsync([3]);
        await Store.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(Journal);
        bytes[40] ^= 1;
        await File.WriteAllBytesAsync(Journal, bytes);
        await Assert.ThrowsAsync<StartupException>(ReopenAsync);
    }

    [TestMethod]
    public async Task Two_instances_cannot_have_one_journal()
    {
        await using var other = new EmbeddedJobStore(Journal);
        await Assert.ThrowsAsync<StartupException>(() => other.OpenAsync(default));
    }

    [TestMethod]
    public async Task A_long_journal_is_written_anew_and_says_the_same()
    {
        var kept = await CreateAsync([1, 1]);
        var longest = 0L;
        for (var i = 0; i < 60; i++)
        {
            var id = await CreateAsync([.. Enumerable.Repeat(1, 2000)]);
            await Store.DeleteAsync(id, default);
            longest = Math.Max(longest, new FileInfo(Journal).Length);
        }

        Assert.IsLessThan(longest, new FileInfo(Journal).Length);
        await ReopenAsync();
        Assert.AreEqual(2, (await Store.FindAsync(kept, default))!.RangesLeft);
        Assert.HasCount(1, await Store.ListAsync(null, null, 10, default));
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Journal));
        }
    }

    private protected override async Task ReopenAsync()
    {
        if (Store is not null)
        {
            await Store.DisposeAsync();
        }

        Store = new EmbeddedJobStore(Journal);
        await Store.OpenAsync(default);
    }
}

[TestClass]
[TestCategory("Slow")]
public sealed class PostgresJobStoreTests : JobStoreTests
{
    private static PostgresServer s_postgres = null!;
    private static Npgsql.NpgsqlDataSource s_source = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        s_postgres = await PostgresServer.StartAsync();
        s_source = Npgsql.NpgsqlDataSource.Create(s_postgres.ConnectionString);
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        if (s_postgres is not null)
        {
            await s_source.DisposeAsync();
            await s_postgres.DisposeAsync();
        }
    }

    [TestMethod]
    public async Task Instances_that_start_together_make_the_tables_once()
    {
        await s_postgres.QueryAsync("DROP TABLE IF EXISTS ingest_schema, ingest_items, ingest_ranges, ingest_jobs, ingest_schedules");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new Sutra.Api.Ingestion.Jobs.Postgres.PostgresJobStore(s_source).OpenAsync(default)));
        CollectionAssert.AreEqual(new[] { "1" }, (await s_postgres.QueryAsync("SELECT version::text FROM ingest_schema")).ToArray());
    }

    private protected override async Task ReopenAsync()
    {
        Store = new Sutra.Api.Ingestion.Jobs.Postgres.PostgresJobStore(s_source);
        await Store.OpenAsync(default);
    }
}
