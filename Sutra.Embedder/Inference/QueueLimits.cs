namespace Sutra.Embedder.Inference;

/// <summary>When the queue says no.</summary>
/// <param name="Capacity">Most texts that wait.</param>
/// <param name="InteractiveDelay">Longest time that an interactive request may be expected to wait before its first text runs.</param>
/// <param name="BulkDelay">The same for bulk.</param>
/// <param name="Deadline">A text that has waited this long is given up.</param>
/// <param name="Workers">Runs at once.</param>
internal sealed record QueueLimits(int Capacity, TimeSpan InteractiveDelay, TimeSpan BulkDelay, TimeSpan Deadline, int Workers)
{
    public double DelaySeconds(Lane lane) => (lane == Lane.Interactive ? InteractiveDelay : BulkDelay).TotalSeconds;
}

/// <summary>Whether a request was taken in.</summary>
/// <param name="IsAccepted">All of its texts wait now; else none does.</param>
/// <param name="Wait">How long what waits before it is expected to take.</param>
internal readonly record struct Admission(bool IsAccepted, TimeSpan Wait);
