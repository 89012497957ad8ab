using System.Text.Json;
using Sutra.Api.Ingestion.Schedules;

namespace Sutra.Api.Ingestion.Jobs.Embedded;

/// <summary>
/// All in memory, and every change in a journal before it counts. For one instance: the journal is locked. Leases are in memory only,
/// so that what was under way when the process ended is there to be claimed at once when it is back.
/// </summary>
internal sealed partial class EmbeddedJobStore(string path) : IJobStore
{
    // Below this a journal is not worth writing anew.
    private const long SmallJournal = 4 << 20;

    private readonly Journal _journal = new(path);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SortedDictionary<string, JobEntry> _jobs = new(StringComparer.Ordinal);
    private readonly SortedSet<(int Last, string Id)> _workable = [];
    private readonly Dictionary<string, Schedule> _schedules = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, Work> _leases = [];
    private readonly Dictionary<string, DateTimeOffset> _webhookLeases = new(StringComparer.Ordinal);
    private long _compactAt = SmallJournal;
    private bool _open;

    public string Description => $"journal {path} (ConnectionStrings:audit is not set)";

    public bool IsAway(Exception error) => error is IOException;

    public Task OpenAsync(CancellationToken cancellation) => InTurnAsync(
        () =>
        {
            if (!_open)
            {
                _journal.Open(payload => Apply(JsonSerializer.Deserialize(payload, JournalJson.Default.JournalEntry)!));
                _open = true;
            }

            return true;
        },
        cancellation);

    public Task CreateAsync(Job job, IReadOnlyList<JobRange> ranges, CancellationToken cancellation) =>
        InTurnAsync(() => Commit(new JournalEntry { Job = job, Ranges = ranges }), cancellation);

    public Task<Job?> FindAsync(string id, CancellationToken cancellation) =>
        InTurnAsync(() => _jobs.GetValueOrDefault(id)?.Job, cancellation);

    public Task<IReadOnlyList<Job>> ListAsync(JobState? state, string? before, int count, CancellationToken cancellation) => InTurnAsync<IReadOnlyList<Job>>(
        () => [.. _jobs.Values.Reverse().Select(entry => entry.Job)
            .Where(job => (state is null || job.State == state) && (before is null || string.CompareOrdinal(job.Id, before) < 0))
            .Take(count)],
        cancellation);

    public Task<IReadOnlyList<JobItem>> ListItemsAsync(string id, ItemState? state, long after, int count, CancellationToken cancellation) =>
        InTurnAsync<IReadOnlyList<JobItem>>(
            () =>
            {
                if (!_jobs.TryGetValue(id, out var entry))
                {
                    return [];
                }

                var failed = state == ItemState.Dead ? [] : entry.Failed.Values.Where(item => item.Line > after).Take(count);
                var dead = state == ItemState.Failed ? [] : entry.Dead.Values.Where(item => item.Line > after).Take(count);
                return [.. failed.Concat(dead).OrderBy(item => item.Line).Take(count)];
            },
            cancellation);

    public Task<(Job Job, bool Done)?> ChangeAsync(string id, Func<Job, Job?> rule, bool deadAgain, DateTimeOffset now, CancellationToken cancellation) =>
        InTurnAsync<(Job, bool)?>(
            () =>
            {
                if (!_jobs.TryGetValue(id, out var entry))
                {
                    return null;
                }

                if (rule(entry.Job) is not { } changed)
                {
                    return (entry.Job, false);
                }

                _webhookLeases.Remove(id);
                if (changed != entry.Job)
                {
                    Commit(new JournalEntry { Job = changed, DeadAgain = deadAgain ? now : null });
                }

                return (changed, true);
            },
            cancellation);

    public Task<Job?> DeleteAsync(string id, CancellationToken cancellation) => InTurnAsync(
        () =>
        {
            var job = _jobs.GetValueOrDefault(id)?.Job;
            if (job is not null)
            {
                Commit(new JournalEntry { DeletedJob = id });
            }

            return job;
        },
        cancellation);

    public Task<IReadOnlyList<Job>> UploadsToRemoveAsync(string spoolId, DateTimeOffset endedBefore, CancellationToken cancellation) => InTurnAsync<IReadOnlyList<Job>>(
        () => [.. _jobs.Values.Select(entry => entry.Job).Where(job =>
            !job.IsOpen && !job.UploadRemoved && job.SpoolId == spoolId
            && (job.State == JobState.Cancelled || (job.Dead == 0 && job.State == JobState.Completed) || job.FinishedAt < endedBefore))],
        cancellation);

    public Task<IReadOnlyList<string>> ExpiredAsync(DateTimeOffset endedBefore, CancellationToken cancellation) => InTurnAsync<IReadOnlyList<string>>(
        () => [.. _jobs.Values.Select(entry => entry.Job).Where(job => job.UploadRemoved && job.FinishedAt < endedBefore).Select(job => job.Id)],
        cancellation);

    public ValueTask DisposeAsync()
    {
        _journal.Dispose();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return work();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>On disk first, in memory then.</summary>
    private bool Commit(JournalEntry entry)
    {
        _journal.Append(JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry));
        Apply(entry);
        if (_journal.Length > _compactAt)
        {
            Compact();
        }

        return true;
    }

    private void Compact()
    {
        try
        {
            _journal.Replace(Snapshot().Select(part => JsonSerializer.SerializeToUtf8Bytes(part, JournalJson.Default.JournalEntry)));
        }
        catch (IOException)
        {
            // The long one goes on; what was committed is in it.
        }

        _compactAt = Math.Max(SmallJournal, 3 * _journal.Length);
    }

    private IEnumerable<JournalEntry> Snapshot()
    {
        foreach (var entry in _jobs.Values)
        {
            yield return new JournalEntry
            {
                Job = entry.Job,
                Ranges = [.. entry.Ranges.Values],
                Items = [.. entry.Failed.Values, .. entry.Dead.Values],
            };
        }

        foreach (var schedule in _schedules.Values)
        {
            yield return new JournalEntry { Schedule = schedule };
        }
    }

    private void Apply(JournalEntry change)
    {
        if (change.Job is { } job)
        {
            ApplyJob(job, change);
        }

        if (change.DeletedJob is { } deleted && _jobs.Remove(deleted, out var gone))
        {
            _workable.Remove((-gone.Job.Priority, deleted));
        }

        if (change.Schedule is { } schedule)
        {
            _schedules[schedule.Id] = schedule;
        }

        if (change.DeletedSchedule is { } id)
        {
            _schedules.Remove(id);
        }
    }

    private void ApplyJob(Job job, JournalEntry change)
    {
        if (!_jobs.TryGetValue(job.Id, out var entry))
        {
            _jobs[job.Id] = entry = new JobEntry(job);
        }

        entry.Job = job;
        foreach (var range in change.Ranges ?? [])
        {
            entry.Ranges[range.Number] = range;
        }

        if (change.RangeDone is { } done)
        {
            entry.Ranges.Remove(done);
            entry.RangesHeld.Remove(done);
        }

        foreach (var line in change.Removed ?? [])
        {
            entry.Failed.Remove(line);
            entry.ItemsHeld.Remove(line);
        }

        foreach (var item in change.Items ?? [])
        {
            entry.Put(item);
        }

        if (change.DeadAgain is { } now)
        {
            entry.ReviveDead(now);
        }

        if (job.IsWorkable)
        {
            _workable.Add((-job.Priority, job.Id));
        }
        else
        {
            _workable.Remove((-job.Priority, job.Id));
        }
    }
}
