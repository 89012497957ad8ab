using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Schedules;

namespace Sutra.Tests.Api.Ingestion;

/// <summary>What a job store does, whichever it is: each test runs on both.</summary>
public abstract class JobStoreTests
{
    protected static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(55);
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(10);
    private string _spool = "";

    private protected IJobStore Store { get; set; } = null!;

    /// <summary>Opens the same jobs anew, as after a restart.</summary>
    private protected abstract Task ReopenAsync();

    [TestInitialize]
    public async Task OpenAsync()
    {
        // A database may be shared by tests: each has a folder of its own.
        _spool = Guid.NewGuid().ToString("N");
        await ReopenAsync();
    }

    [TestMethod]
    public async Task A_job_is_worked_off_range_by_range_and_completes_with_exact_counts_across_restarts()
    {
        var id = await CreateAsync(items: [3, 2, 4]);
        for (var number = 0; number < 3; number++)
        {
            var work = await ClaimAsync(Now);
            Assert.AreEqual(number, work!.Range!.Value.Number);
            Assert.AreEqual(JobState.Running, work.Job.State);
            var job = await Store.CommitAsync(work, new WorkOutcome(work.Range.Value.Items, 1, []), Now, default);
            Assert.AreEqual(2 - number, job!.RangesLeft);
            await ReopenAsync();
        }

        Assert.IsNull(await ClaimAsync(Now.AddDays(1)));
        var done = (await Store.FindAsync(id, default))!;
        Assert.AreEqual((JobState.Completed, 9L, 3L, 0L), (done.State, done.Learned, done.Truncated, done.Waiting));
        Assert.AreEqual((Now, Now), (done.StartedAt, done.FinishedAt));
    }

    [TestMethod]
    public async Task What_is_leased_is_nobody_elses_until_the_lease_ends_and_then_the_first_one_commits_nothing()
    {
        await CreateAsync(items: [3]);
        var first = await ClaimAsync(Now);
        Assert.IsNull(await ClaimAsync(Now + s_lease - TimeSpan.FromSeconds(1)));
        await Store.RenewAsync([first!.Lease], Now + (2 * s_lease), default);
        Assert.IsNull(await ClaimAsync(Now + s_lease + TimeSpan.FromSeconds(1)));
        var second = await ClaimAsync(Now + (2 * s_lease));
        Assert.IsNotNull(second);
        Assert.IsNull(await Store.CommitAsync(first, new WorkOutcome(3, 0, []), Now, default));
        Assert.AreEqual(3L, (await Store.CommitAsync(second, new WorkOutcome(3, 0, []), Now, default))!.Learned);
        Assert.IsNull(await Store.CommitAsync(second, new WorkOutcome(3, 0, []), Now, default), "once");
        Assert.AreEqual(3L, (await Store.FindAsync(first.Job.Id, default))!.Learned);
    }

    [TestMethod]
    public async Task Released_work_comes_back_when_it_was_said_to()
    {
        await CreateAsync(items: [3]);
        var work = await ClaimAsync(Now);
        await Store.ReleaseAsync(work!.Lease, Now.AddSeconds(3), default);
        Assert.IsNull(await Store.CommitAsync(work, new WorkOutcome(3, 0, []), Now, default));
        Assert.IsNull(await ClaimAsync(Now.AddSeconds(2)));
        Assert.IsNotNull(await ClaimAsync(Now.AddSeconds(3)));
    }

    [TestMethod]
    public async Task The_first_by_priority_then_age_is_claimed_and_only_of_ones_own_folder()
    {
        var old = await CreateAsync(items: [1], priority: 5);
        var young = await CreateAsync(items: [1], priority: 5);
        var urgent = await CreateAsync(items: [1], priority: 9);
        Assert.IsNull(await Store.ClaimAsync("another folder", 10, Now, Now + s_lease, default));
        var order = new List<string>();
        while (await ClaimAsync(Now) is { } work)
        {
            order.Add(work.Job.Id);
        }

        CollectionAssert.AreEqual(new[] { urgent, old, young }, order);
    }

    [TestMethod]
    public async Task Failed_items_are_tried_again_in_their_time_and_dead_ones_when_asked_for()
    {
        var id = await CreateAsync(items: [5]);
        var work = await ClaimAsync(Now);
        await Store.CommitAsync(work!, new WorkOutcome(3, 0, [Item(2, ItemState.Failed, 1, Now.AddSeconds(2)), Item(4, ItemState.Dead, 1)]), Now, default);
        await ReopenAsync();
        Assert.IsNull(await ClaimAsync(Now.AddSeconds(1)));
        Assert.AreEqual(JobState.Running, (await Store.FindAsync(id, default))!.State);

        var again = await ClaimAsync(Now.AddSeconds(2));
        Assert.IsNull(again!.Range);
        CollectionAssert.AreEqual(new[] { Item(2, ItemState.Failed, 1, Now.AddSeconds(2)) }, again.Items.ToArray());
        var ended = await Store.CommitAsync(again, new WorkOutcome(1, 0, []), Now.AddSeconds(3), default);
        Assert.AreEqual((JobState.Completed, 4L, 0L, 1L), (ended!.State, ended.Learned, ended.Failed, ended.Dead));

        var retried = await Store.ChangeAsync(id, JobRules.Retried, deadAgain: true, Now.AddSeconds(4), default);
        Assert.AreEqual((true, JobState.Running, 1L, 0L), (retried!.Value.Done, retried.Value.Job.State, retried.Value.Job.Failed, retried.Value.Job.Dead));
        await ReopenAsync();
        var third = await ClaimAsync(Now.AddSeconds(4));
        Assert.AreEqual((4L, 0), (third!.Items.Single().Line, third.Items.Single().Attempts));
        var dead = await Store.CommitAsync(third, new WorkOutcome(0, 0, [Item(4, ItemState.Dead, 1)]), Now.AddSeconds(5), default);
        Assert.AreEqual((JobState.Completed, 4L, 1L), (dead!.State, dead.Learned, dead.Dead));
        Assert.IsFalse((await Store.ChangeAsync(id, JobRules.Paused, deadAgain: false, Now, default))!.Value.Done);
    }

    [TestMethod]
    public async Task Items_are_listed_by_line_page_and_state_across_restarts()
    {
        var id = await CreateAsync(items: [9]);
        var work = await ClaimAsync(Now);
        await Store.CommitAsync(
            work!, new WorkOutcome(5, 0, [Item(7, ItemState.Dead, 3), Item(1, ItemState.Dead, 3), Item(5, ItemState.Failed, 2, Now), Item(3, ItemState.Dead, 1)]), Now, default);
        await ReopenAsync();
        CollectionAssert.AreEqual(new[] { 1L, 3, 5 }, (await Store.ListItemsAsync(id, null, 0, 3, default)).Select(item => item.Line).ToArray());
        CollectionAssert.AreEqual(new[] { 7L }, (await Store.ListItemsAsync(id, null, 5, 3, default)).Select(item => item.Line).ToArray());
        CollectionAssert.AreEqual(new[] { 3L, 7 }, (await Store.ListItemsAsync(id, ItemState.Dead, 1, 3, default)).Select(item => item.Line).ToArray());
        Assert.AreEqual(Item(5, ItemState.Failed, 2, Now), (await Store.ListItemsAsync(id, ItemState.Failed, 0, 3, default)).Single());
        Assert.IsEmpty(await Store.ListItemsAsync("there is none", null, 0, 3, default));
    }

    [TestMethod]
    public async Task Paused_jobs_rest_cancelled_ones_end_and_what_was_under_way_counts()
    {
        var id = await CreateAsync(items: [1, 1, 1]);
        var first = await ClaimAsync(Now);
        await Store.ChangeAsync(id, JobRules.Paused, false, Now, default);
        Assert.IsNull(await ClaimAsync(Now));
        Assert.AreEqual((JobState.Paused, 1L), ((await Store.CommitAsync(first!, new WorkOutcome(1, 0, []), Now, default))!.State, 1L));
        await ReopenAsync();
        Assert.IsNull(await ClaimAsync(Now));
        await Store.ChangeAsync(id, JobRules.Resumed, false, Now, default);
        var second = await ClaimAsync(Now);
        Assert.AreEqual(1, second!.Range!.Value.Number);
        await Store.ChangeAsync(id, job => JobRules.Cancelled(job, Now), false, Now, default);
        Assert.IsNull(await ClaimAsync(Now));
        Assert.AreEqual((JobState.Cancelled, 2L), (await Store.CommitAsync(second, new WorkOutcome(1, 0, []), Now, default)) is { } job ? (job.State, job.Learned) : default);
        Assert.IsFalse((await Store.ChangeAsync(id, JobRules.Resumed, false, Now, default))!.Value.Done);
        Assert.IsNull(await Store.ChangeAsync("there is none", JobRules.Resumed, false, Now, default));
    }

    [TestMethod]
    public async Task Deleted_jobs_are_gone_with_all_that_was_theirs()
    {
        var id = await CreateAsync(items: [1, 1]);
        var work = await ClaimAsync(Now);
        Assert.AreEqual(id, (await Store.DeleteAsync(id, default))!.Id);
        Assert.IsNull(await Store.CommitAsync(work!, new WorkOutcome(1, 0, [Item(1, ItemState.Dead, 1)]), Now, default));
        await ReopenAsync();
        Assert.IsNull(await Store.FindAsync(id, default));
        Assert.IsNull(await ClaimAsync(Now));
        Assert.IsNull(await Store.DeleteAsync(id, default));
    }

    [TestMethod]
    public async Task Jobs_are_listed_newest_first_by_state_and_page()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await CreateAsync(items: [1]));
        }

        await Store.ChangeAsync(ids[2], JobRules.Paused, false, Now, default);
        ids.Reverse();
        CollectionAssert.AreEqual(ids.Take(2).ToArray(), (await Store.ListAsync(null, null, 2, default)).Select(job => job.Id).ToArray());
        CollectionAssert.AreEqual(ids.Skip(2).Take(3).ToArray(), (await Store.ListAsync(null, ids[1], 3, default)).Select(job => job.Id).ToArray());
        Assert.AreEqual(ids[2], (await Store.ListAsync(JobState.Paused, null, 1, default)).Single().Id);
    }

    [TestMethod]
    public async Task Uploads_are_to_be_removed_when_nobody_can_need_them()
    {
        var fine = await CreateAsync(items: [1]);
        await Store.CommitAsync((await ClaimAsync(Now))!, new WorkOutcome(1, 0, []), Now, default);
        var withDead = await CreateAsync(items: [1]);
        await Store.CommitAsync((await ClaimAsync(Now))!, new WorkOutcome(0, 0, [Item(1, ItemState.Dead, 3)]), Now, default);
        await CreateAsync(items: [1]);
        CollectionAssert.AreEquivalent(new[] { fine }, Ids(await Store.UploadsToRemoveAsync(_spool, Now, default)));
        CollectionAssert.AreEquivalent(new[] { fine, withDead }, Ids(await Store.UploadsToRemoveAsync(_spool, Now.AddSeconds(1), default)));
        await Store.ChangeAsync(fine, JobRules.UploadRemoved, false, Now, default);
        CollectionAssert.AreEquivalent(new[] { withDead }, Ids(await Store.UploadsToRemoveAsync(_spool, Now.AddSeconds(1), default)));
        CollectionAssert.Contains((await Store.ExpiredAsync(Now.AddSeconds(1), default)).ToArray(), fine);
        CollectionAssert.DoesNotContain((await Store.ExpiredAsync(Now, default)).ToArray(), fine);
    }

    [TestMethod]
    public async Task A_webhook_is_due_at_the_end_for_one_at_a_time_and_again_when_it_was_not_taken()
    {
        var id = await CreateAsync(items: [1], webhook: "https://example.org/hook");
        Assert.IsNull(await WebhookAsync(Now));
        await Store.CommitAsync((await ClaimAsync(Now))!, new WorkOutcome(1, 0, []), Now, default);
        Assert.AreEqual(id, (await WebhookAsync(Now))!.Id);
        Assert.IsNull(await WebhookAsync(Now.AddSeconds(9)), "it is being sent");
        await Store.ChangeAsync(id, job => JobRules.WebhookTried(job, WebhookState.Due, Now.AddSeconds(5), "status_500"), false, Now, default);
        await ReopenAsync();
        Assert.IsNull(await WebhookAsync(Now.AddSeconds(4)));
        Assert.AreEqual(1, (await WebhookAsync(Now.AddSeconds(5)))!.WebhookAttempts);
        Assert.AreEqual(id, (await WebhookAsync(Now.AddSeconds(30)))?.Id, "whoever sent it is gone");
        await Store.ChangeAsync(id, job => JobRules.WebhookTried(job, WebhookState.Delivered, null, null), false, Now, default);
        Assert.IsNull(await WebhookAsync(Now.AddDays(1)));
    }

    [TestMethod]
    public async Task A_schedule_is_claimed_by_one_at_a_time_and_kept_as_it_was_left()
    {
        var schedule = new Schedule
        {
            Id = Guid.NewGuid().ToString("N"),
            Subject = "key:alice",
            Source = "https://example.org/data.csv",
            EveryMinutes = 5,
            Collection = "c",
            Owner = "o",
            Priority = 3,
            ContentColumn = "text",
            Webhook = "https://example.org/hook",
            CreatedAt = Now,
            NextAt = Now,
        };
        await Store.SaveScheduleAsync(schedule, default);
        await ReopenAsync();
        Assert.IsNull(await ScheduleAsync(Now.AddSeconds(-1)));
        Assert.AreEqual("https://example.org/data.csv", (await ScheduleAsync(Now))!.Source);
        Assert.IsNull(await ScheduleAsync(Now.AddSeconds(9)));
        await Store.RenewScheduleAsync(schedule.Id, Now.AddSeconds(15), default);
        Assert.IsNull(await ScheduleAsync(Now.AddSeconds(14)));
        Assert.IsNotNull(await ScheduleAsync(Now.AddSeconds(15)));
        var finished = schedule with
        {
            NextAt = Now.AddMinutes(5),
            LastRunAt = Now,
            LastResult = "created",
            LastJobs = ["1", "2"],
            Seen = new Dictionary<string, Seen> { [""] = new("hash", 7, 8, "\"tag\"", "then") },
        };
        await Store.FinishScheduleAsync(finished, default);
        await ReopenAsync();
        var found = (await Store.FindScheduleAsync(schedule.Id, default))!;
        CollectionAssert.AreEqual(finished.LastJobs.ToArray(), found.LastJobs.ToArray());
        CollectionAssert.AreEquivalent(finished.Seen.ToArray(), found.Seen.ToArray());
        Assert.AreEqual(finished with { LastJobs = [], Seen = found.Seen }, found with { LastJobs = [] });
        Assert.IsTrue((await Store.ListSchedulesAsync(default)).Any(one => one.Id == schedule.Id));
        Assert.IsTrue(await Store.DeleteScheduleAsync(schedule.Id, default));
        Assert.IsFalse(await Store.DeleteScheduleAsync(schedule.Id, default));
        await Store.FinishScheduleAsync(finished, default);
        Assert.IsNull(await Store.FindScheduleAsync(schedule.Id, default), "finishing does not bring it back");
    }

    [TestMethod]
    public async Task Many_who_claim_at_once_get_each_range_once()
    {
        var id = await CreateAsync(items: [.. Enumerable.Repeat(2, 40)]);
        var numbers = new System.Collections.Concurrent.ConcurrentBag<int>();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (await ClaimAsync(Now) is { } work)
            {
                numbers.Add(work.Range!.Value.Number);
                Assert.IsNotNull(await Store.CommitAsync(work, new WorkOutcome(2, 0, []), Now, default));
            }
        })));
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 40).ToArray(), numbers.ToArray());
        Assert.AreEqual((JobState.Completed, 80L), (await Store.FindAsync(id, default)) is { } job ? (job.State, job.Learned) : default);
    }

    private protected static JobItem Item(long line, ItemState state, int attempts, DateTimeOffset? next = null) =>
        new(line, line * 10, 9, state, attempts, "content", "invalid_request", "Content is required.", next);

    private protected async Task<string> CreateAsync(int[] items, int priority = 5, string? webhook = null)
    {
        var id = Guid.CreateVersion7(Now.AddTicks(Interlocked.Increment(ref s_created) * TimeSpan.TicksPerMillisecond)).ToString("N");
        var ranges = items.Select((count, number) => new JobRange(number, number * 100, 90, (number * 10) + 1, count)).ToList();
        await Store.CreateAsync(
            new Job
            {
                Id = id,
                Subject = "key:alice",
                SpoolId = _spool,
                Priority = priority,
                Webhook = webhook,
                WebhookState = webhook is null ? WebhookState.None : WebhookState.Waiting,
                Items = items.Sum(),
                Ranges = items.Length,
                RangesLeft = items.Length,
                CreatedAt = Now,
                Version = 1,
            },
            ranges,
            default);
        return id;
    }

    private Task<Work?> ClaimAsync(DateTimeOffset now) => Store.ClaimAsync(_spool, 10, now, now + s_lease, default);

    private Task<Job?> WebhookAsync(DateTimeOffset now) => Store.ClaimWebhookAsync(now, now + s_lease, default);

    private Task<Schedule?> ScheduleAsync(DateTimeOffset now) => Store.ClaimScheduleAsync(now, now + s_lease, default);

    private static string[] Ids(IEnumerable<Job> jobs) => [.. jobs.Select(job => job.Id)];

    private static long s_created;
}
