using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Ingestion;

/// <summary>Several instances on one PostgreSQL.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class SharedJobTests
{
    private static PostgresServer s_postgres = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => s_postgres = await PostgresServer.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync()
    {
        if (s_postgres is not null)
        {
            await s_postgres.DisposeAsync();
        }
    }

    [TestMethod]
    public async Task Instances_that_share_a_folder_share_a_job_and_each_range_counts_once()
    {
        await using var ingestion = await IngestionHarness.StartAsync(
            ("ConnectionStrings:audit", s_postgres.ConnectionString), ("Ingestion:RangeItems", "4"), ("Ingestion:MaxConcurrency", "2"));
        await using var other = await ingestion.StartApiAsync();
        var id = await ingestion.UploadAsync(IngestionHarness.Lines(600));
        Assert.AreEqual(("completed", 600L, 0L, 0L), IngestionHarness.Counts(await ingestion.EndedAsync(id)));
        var mine = ingestion.Api.Storage.Service.Concepts.Keys.ToHashSet(StringComparer.Ordinal);
        var theirs = other.Storage.Service.Concepts.Keys.ToHashSet(StringComparer.Ordinal);
        Assert.IsNotEmpty(mine);
        Assert.IsNotEmpty(theirs);
        Assert.AreEqual(600, mine.Count + theirs.Count);
        Assert.IsFalse(mine.Overlaps(theirs));
    }

    [TestMethod]
    public async Task Instances_with_folders_of_their_own_work_on_their_own_uploads_only()
    {
        await using var one = await IngestionHarness.StartAsync(("ConnectionStrings:audit", s_postgres.ConnectionString));
        await using var two = await IngestionHarness.StartAsync(("ConnectionStrings:audit", s_postgres.ConnectionString));
        var id = await one.UploadAsync(IngestionHarness.Lines(40, "one"));
        await two.EndedAsync(id);
        Assert.HasCount(40, one.Api.Storage.Service.Concepts);
        Assert.IsEmpty(two.Api.Storage.Service.Concepts);
    }

    [TestMethod]
    public async Task A_database_that_goes_and_comes_back_ends_no_job()
    {
        await using var ingestion = await IngestionHarness.StartAsync(
            ("ConnectionStrings:audit", s_postgres.ConnectionString), ("Ingestion:RangeItems", "2"), ("Ingestion:MaxConcurrency", "1"));
        var id = await ingestion.UploadAsync(IngestionHarness.Lines(300, "patience"));
        await ingestion.WaitAsync(id, job => job.GetProperty("learned").GetInt64() > 0);
        await s_postgres.StopAsync();
        using (var refused = await ingestion.Api.Http.GetAsync($"/api/jobs/{id}"))
        {
            Assert.AreEqual(503, (int)refused.StatusCode);
        }

        await s_postgres.StartAgainAsync();
        await ApiUnderTest.WaitUntilAsync(
            async () =>
            {
                using var response = await ingestion.Api.Http.GetAsync($"/api/jobs/{id}");
                return response.IsSuccessStatusCode;
            },
            TimeSpan.FromSeconds(30),
            () => "it does not come back");
        Assert.AreEqual(("completed", 300L, 0L, 0L), IngestionHarness.Counts(await ingestion.EndedAsync(id)));
        Assert.HasCount(300, ingestion.Api.Storage.Service.Concepts);
    }
}
