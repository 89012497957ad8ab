using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Identity;

namespace Sutra.Api.Learning;

/// <summary>Items that were learned together.</summary>
/// <param name="First">How many were before them.</param>
/// <param name="Failure">Why nothing of the group could be learned, nor of those after it.</param>
internal sealed record LearnedGroup(int First, IReadOnlyList<(int? Line, LearnOutcome Outcome)> Items, Exception? Failure);

/// <summary>Learns items of a body as they come: while one group is stored the next is embedded. Once a group could not be learned at all, what follows is not tried any more.</summary>
/// <param name="collection">Name or alias; null for the default one.</param>
/// <param name="action">What the audit trail calls it.</param>
/// <param name="maxItems">The one after them is an error, and ends it.</param>
internal sealed class BatchRun(BatchLearner learner, string? collection, string action, Caller caller, LearningOptions options, int maxItems)
{
    private const int GroupsAtOnce = 2;

    private volatile Exception? _failure;

    public async IAsyncEnumerable<LearnedGroup> LearnAsync(IAsyncEnumerable<BatchItem> items, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var groups = Channel.CreateBounded<Task<LearnedGroup>>(GroupsAtOnce - 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = ReadAsync(items, groups.Writer, stop.Token);
        try
        {
            await foreach (var group in groups.Reader.ReadAllAsync(cancellation))
            {
                yield return await group;
            }

            await reading;
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(IAsyncEnumerable<BatchItem> items, ChannelWriter<Task<LearnedGroup>> groups, CancellationToken cancellation)
    {
        var group = new List<BatchItem>(options.GroupItems);
        var (bytes, count) = (0L, 0);
        Exception? failure = null;
        try
        {
            await foreach (var item in items.WithCancellation(cancellation))
            {
                if (count == maxItems)
                {
                    group.Add(new BatchItem(item.Line, null, new LearnItemError(
                        null, ProblemCodes.TooManyItems, $"A batch has at most {maxItems} items: this one and what follows was not read.", Retryable: false), 0));
                    break;
                }

                if (group.Count == options.GroupItems || (group.Count > 0 && bytes + item.Bytes > options.GroupBytes))
                {
                    await groups.WriteAsync(LearnGroupAsync(group, count - group.Count, cancellation), cancellation);
                    (group, bytes) = (new List<BatchItem>(options.GroupItems), 0);
                }

                group.Add(item);
                bytes += item.Bytes;
                count++;
            }

            if (group.Count > 0)
            {
                var first = count - group.Count(item => item.Error?.Code != ProblemCodes.TooManyItems);
                await groups.WriteAsync(LearnGroupAsync(group, first, cancellation), cancellation);
            }
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            groups.TryComplete(failure);
        }
    }

    private async Task<LearnedGroup> LearnGroupAsync(List<BatchItem> group, int first, CancellationToken cancellation)
    {
        var items = group.Where(item => item.Item is not null).Select(item => item.Item!).ToList();
        var (outcomes, failure) = items.Count == 0 ? ([], null) : await OutcomesAsync(items, cancellation);
        var next = 0;
        return new LearnedGroup(
            first, group.ConvertAll(item => (item.Line, item.Item is null ? LearnOutcome.Failed(item.Error!) : outcomes[next++])), failure);
    }

    private async Task<(IReadOnlyList<LearnOutcome> Outcomes, Exception? Failure)> OutcomesAsync(List<LearnItem> items, CancellationToken cancellation)
    {
        try
        {
            if (_failure is null)
            {
                return (await learner.LearnAsync(collection, items, action, caller, cancellation), null);
            }
        }
        catch (Exception e) when (e is ComponentException or ApiProblem)
        {
            _failure = e;
        }

        var problem = _failure as ApiProblem ?? ((ComponentException)_failure!).ToProblem();
        var error = new LearnItemError(null, problem.Code, problem.Message, problem.Status >= StatusCodes.Status500InternalServerError);
        return ([.. Enumerable.Repeat(LearnOutcome.Failed(error), items.Count)], _failure);
    }
}
