using Sutra.Api.Ingestion.Schedules;

namespace Sutra.Api.Ingestion.Jobs.Embedded;

internal sealed partial class EmbeddedJobStore
{
    public Task<Work?> ClaimAsync(string spoolId, int mostItems, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) => InTurnAsync(
        () =>
        {
            foreach (var (_, id) in _workable)
            {
                var entry = _jobs[id];
                if (entry.Job.SpoolId == spoolId && Take(entry, mostItems, now) is { } work)
                {
                    Hold(work, until);
                    _leases[work.Lease] = work;
                    return work;
                }
            }

            return null;
        },
        cancellation);

    public Task RenewAsync(IReadOnlyCollection<Guid> leases, DateTimeOffset until, CancellationToken cancellation) => InTurnAsync(
        () =>
        {
            foreach (var lease in leases)
            {
                if (_leases.TryGetValue(lease, out var work))
                {
                    Hold(work, until);
                }
            }

            return true;
        },
        cancellation);

    public Task ReleaseAsync(Guid lease, DateTimeOffset notBefore, CancellationToken cancellation) => InTurnAsync(
        () =>
        {
            if (_leases.Remove(lease, out var work))
            {
                Hold(work, notBefore);
            }

            return true;
        },
        cancellation);

    public Task<Job?> CommitAsync(Work work, WorkOutcome outcome, DateTimeOffset now, CancellationToken cancellation) => InTurnAsync(
        () =>
        {
            if (!_leases.ContainsKey(work.Lease) || !_jobs.TryGetValue(work.Job.Id, out var entry))
            {
                return null;
            }

            var job = JobRules.Committed(entry.Job, work, outcome, now);
            Commit(new JournalEntry
            {
                Job = job,
                RangeDone = work.Range?.Number,
                Removed = work.Items.Count == 0 ? null : [.. work.Items.Select(item => item.Line)],
                Items = outcome.NotLearned.Count == 0 ? null : outcome.NotLearned,
            });
            _leases.Remove(work.Lease);
            return job;
        },
        cancellation);

    public Task<long> BacklogAsync(CancellationToken cancellation) =>
        InTurnAsync(() => _jobs.Values.Where(entry => entry.Job.IsOpen).Sum(entry => entry.Job.Waiting + entry.Job.Failed), cancellation);

    public Task<Job?> ClaimWebhookAsync(DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) => InTurnAsync(
        () =>
        {
            // Who has it is not on disk either: see the leases.
            var due = _jobs.Values.Select(entry => entry.Job).FirstOrDefault(job =>
                job.WebhookState == WebhookState.Due && job.WebhookNextAt <= now
                && (!_webhookLeases.TryGetValue(job.Id, out var held) || held <= now));
            if (due is not null)
            {
                _webhookLeases[due.Id] = until;
            }

            return due;
        },
        cancellation);

    public Task SaveScheduleAsync(Schedule schedule, CancellationToken cancellation) =>
        InTurnAsync(() => Commit(new JournalEntry { Schedule = schedule with { LeaseUntil = null } }), cancellation);

    public Task<Schedule?> FindScheduleAsync(string id, CancellationToken cancellation) =>
        InTurnAsync(() => _schedules.GetValueOrDefault(id), cancellation);

    public Task<IReadOnlyList<Schedule>> ListSchedulesAsync(CancellationToken cancellation) =>
        InTurnAsync<IReadOnlyList<Schedule>>(() => [.. _schedules.Values.OrderBy(schedule => schedule.Id, StringComparer.Ordinal)], cancellation);

    public Task<bool> DeleteScheduleAsync(string id, CancellationToken cancellation) =>
        InTurnAsync(() => _schedules.ContainsKey(id) && Commit(new JournalEntry { DeletedSchedule = id }), cancellation);

    public Task<Schedule?> ClaimScheduleAsync(DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) => InTurnAsync(
        () =>
        {
            var due = _schedules.Values
                .Where(schedule => schedule.NextAt <= now && (schedule.LeaseUntil is null || schedule.LeaseUntil <= now))
                .MinBy(schedule => schedule.NextAt);
            if (due is not null)
            {
                _schedules[due.Id] = due with { LeaseUntil = until };
            }

            return due;
        },
        cancellation);

    public Task RenewScheduleAsync(string id, DateTimeOffset until, CancellationToken cancellation) => InTurnAsync(
        () => _schedules.TryGetValue(id, out var schedule) && (_schedules[id] = schedule with { LeaseUntil = until }).LeaseUntil == until,
        cancellation);

    public Task FinishScheduleAsync(Schedule schedule, CancellationToken cancellation) =>
        InTurnAsync(() => _schedules.ContainsKey(schedule.Id) && Commit(new JournalEntry { Schedule = schedule with { LeaseUntil = null } }), cancellation);

    private Work? Take(JobEntry entry, int mostItems, DateTimeOffset now)
    {
        var items = entry.FreeItems(mostItems, now);
        var range = items.Count > 0 ? null : entry.FreeRange(now);
        if (items.Count == 0 && range is null)
        {
            return null;
        }

        // Whoever had them before has lost them.
        foreach (var (lease, other) in _leases.Where(pair => pair.Value.Job.Id == entry.Job.Id).ToList())
        {
            if ((range is not null && other.Range?.Number == range.Value.Number) || other.Items.Any(item => items.Exists(taken => taken.Line == item.Line)))
            {
                _leases.Remove(lease);
            }
        }

        var begun = JobRules.Begun(entry.Job, now);
        if (begun != entry.Job)
        {
            Commit(new JournalEntry { Job = begun });
        }

        return new Work(begun, Guid.NewGuid(), range, items);
    }

    private void Hold(Work work, DateTimeOffset until)
    {
        if (!_jobs.TryGetValue(work.Job.Id, out var entry))
        {
            return;
        }

        if (work.Range is { } range && entry.Ranges.ContainsKey(range.Number))
        {
            entry.RangesHeld[range.Number] = until;
        }

        foreach (var item in work.Items)
        {
            entry.ItemsHeld[item.Line] = until;
        }
    }
}
