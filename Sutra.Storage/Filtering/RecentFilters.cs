namespace Sutra.Storage.Filtering;

/// <summary>What was worked out for the filters that were asked last: questions come with the same ones. For any number of threads.</summary>
/// <param name="work">Works it out. Several threads may at once.</param>
internal sealed class RecentFilters<T>(Func<CompiledFilter, CancellationToken, T> work)
    where T : class
{
    private const int Kept = 8;

    private readonly Lock _lock = new();

    // The last one asked for is last.
    private readonly List<(string Key, T Answer)> _recent = [];

    public T Get(CompiledFilter filter, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            var known = _recent.FindIndex(entry => entry.Key == filter.Key);
            if (known >= 0)
            {
                var entry = _recent[known];
                _recent.RemoveAt(known);
                _recent.Add(entry);
                return entry.Answer;
            }
        }

        var answer = work(filter, cancellation);
        lock (_lock)
        {
            // Another thread may have come first, which does no harm.
            _recent.Add((filter.Key, answer));
            if (_recent.Count > Kept)
            {
                _recent.RemoveAt(0);
            }
        }

        return answer;
    }
}
