using Grpc.Core;
using Microsoft.Extensions.Options;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Learning;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Ingestion.Workers;

/// <summary>Something that is needed is away: what was being done is done later, and counts as no attempt.</summary>
internal sealed class AwayException(string component, bool overloaded, Exception? inner = null) : Exception(component, inner)
{
    public string Component { get; } = component;

    public bool Overloaded { get; } = overloaded;
}

/// <summary>The job as a whole cannot be done.</summary>
internal sealed class JobFailedException(string code, Exception? inner = null) : Exception(code, inner)
{
    public string Code { get; } = code;
}

/// <summary>
/// Learns the items of a group in the job's name. When one call fails for all of them for no reason that waiting would cure, halves are
/// tried, down to the items that are to blame. When there was not time enough, the next calls are smaller.
/// </summary>
internal sealed class GroupLearner(BatchLearner learner, InternalToken tokens, IOptions<IngestionOptions> options)
{
    private const int MostAwayInARow = 10;

    private int _callSize = options.Value.RangeItems;
    private int _awayInARow;

    /// <returns>In the order of the items.</returns>
    /// <exception cref="AwayException">Nothing is known of those that were not learned.</exception>
    /// <exception cref="JobFailedException"></exception>
    public async Task<IReadOnlyList<LearnOutcome>> LearnAsync(Job job, IReadOnlyList<LearnItem> items, CancellationToken cancellation)
    {
        var outcomes = new List<LearnOutcome>(items.Count);
        while (outcomes.Count < items.Count)
        {
            var size = Math.Min(Volatile.Read(ref _callSize), items.Count - outcomes.Count);
            try
            {
                outcomes.AddRange(await LearnSomeAsync(job, [.. items.Skip(outcomes.Count).Take(size)], cancellation));
                Grow(size);
            }
            catch (AwayException e) when (e.Overloaded && size > 1)
            {
                Volatile.Write(ref _callSize, Math.Max(1, size / 2));
                if (size <= 8)
                {
                    throw;
                }
            }
        }

        return outcomes;
    }

    private async Task<IReadOnlyList<LearnOutcome>> LearnSomeAsync(Job job, LearnItem[] items, CancellationToken cancellation)
    {
        try
        {
            // A token is good for a minute; a job may take days.
            var caller = new Caller(job.Subject, tokens.Mint(new CallerIdentity(job.Subject, [Permissions.Read, Permissions.Write])));
            var outcomes = await learner.LearnAsync(job.Collection, items, caller, cancellation);
            ThrowIfAway(outcomes);
            return outcomes;
        }
        catch (ComponentException e)
        {
            var problem = e.ToProblem();
            if (problem.Status == StatusCodes.Status503ServiceUnavailable)
            {
                throw new AwayException(e.Component, e.StatusCode is StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted, e);
            }

            if (problem.Status is StatusCodes.Status404NotFound or StatusCodes.Status403Forbidden)
            {
                throw new JobFailedException(problem.Status == StatusCodes.Status404NotFound ? "collection_not_found" : problem.Code, e);
            }

            if (items.Length == 1)
            {
                return [LearnOutcome.Failed(new LearnItemError(null, $"{e.Component}_failed", $"The {e.Component} failed.", Retryable: true))];
            }
        }
        catch (ApiProblem e) when (e.Status == StatusCodes.Status503ServiceUnavailable)
        {
            throw new AwayException(e.Component ?? Components.Audit, overloaded: false, e);
        }
        catch (ApiProblem e)
        {
            throw new JobFailedException(e.Code, e);
        }

        var half = items.Length / 2;
        return [.. await LearnSomeAsync(job, items[..half], cancellation), .. await LearnSomeAsync(job, items[half..], cancellation)];
    }

    /// <summary>
    /// Some of the calls could not be made, which is no item's fault: all are learned again, which those that are known do not mind. But an
    /// item that alone has such an answer, time and again, has had it for itself.
    /// </summary>
    private void ThrowIfAway(IReadOnlyList<LearnOutcome> outcomes)
    {
        var away = outcomes.FirstOrDefault(outcome => outcome.Error is { Retryable: true } error && error.Code.EndsWith("_unavailable", StringComparison.Ordinal));
        if (away is null)
        {
            Volatile.Write(ref _awayInARow, 0);
        }
        else if (Interlocked.Increment(ref _awayInARow) <= MostAwayInARow)
        {
            throw new AwayException(away.Error!.Code[..^"_unavailable".Length], overloaded: false);
        }
    }

    private void Grow(int size)
    {
        var now = Volatile.Read(ref _callSize);
        if (size == now && now < options.Value.RangeItems)
        {
            Interlocked.CompareExchange(ref _callSize, Math.Min(options.Value.RangeItems, now + Math.Max(1, now / 4)), now);
        }
    }
}
