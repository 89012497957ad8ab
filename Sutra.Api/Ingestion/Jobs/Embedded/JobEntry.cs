namespace Sutra.Api.Ingestion.Jobs.Embedded;

/// <summary>A job in memory, with what is left of it.</summary>
internal sealed class JobEntry(Job job)
{
    public Job Job { get; set; } = job;

    /// <summary>Ranges that are not done, by number.</summary>
    public SortedDictionary<int, JobRange> Ranges { get; } = [];

    public SortedDictionary<long, JobItem> Failed { get; } = [];

    public SortedDictionary<long, JobItem> Dead { get; } = [];

    /// <summary>What is leased or must not be claimed yet. Not on disk: whoever had it is gone when we start anew.</summary>
    public Dictionary<int, DateTimeOffset> RangesHeld { get; } = [];

    public Dictionary<long, DateTimeOffset> ItemsHeld { get; } = [];

    public void Put(JobItem item) => (item.State == ItemState.Dead ? Dead : Failed)[item.Line] = item;

    public void ReviveDead(DateTimeOffset now)
    {
        foreach (var item in Dead.Values)
        {
            Failed[item.Line] = item with { State = ItemState.Failed, Attempts = 0, NextAt = now };
        }

        Dead.Clear();
    }

    public JobRange? FreeRange(DateTimeOffset now)
    {
        foreach (var range in Ranges.Values)
        {
            if (!RangesHeld.TryGetValue(range.Number, out var until) || until <= now)
            {
                return range;
            }
        }

        return null;
    }

    public List<JobItem> FreeItems(int most, DateTimeOffset now)
    {
        var items = new List<JobItem>();
        foreach (var item in Failed.Values)
        {
            if (item.NextAt <= now && (!ItemsHeld.TryGetValue(item.Line, out var until) || until <= now))
            {
                items.Add(item);
                if (items.Count == most)
                {
                    break;
                }
            }
        }

        return items;
    }
}
