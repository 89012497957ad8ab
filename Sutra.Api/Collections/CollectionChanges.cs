using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Identity;

namespace Sutra.Api.Collections;

/// <summary>Changes collections: on record before and after, and what is known of them is forgotten.</summary>
internal sealed class CollectionChanges(Auditor auditor, CollectionDirectory directory)
{
    /// <param name="action">What the audit trail calls it.</param>
    /// <param name="change">Of the storage; it is not cancelled once it has begun.</param>
    public async Task<T> RunAsync<T>(Caller caller, string action, Func<Task<T>> change, CancellationToken cancellation)
    {
        await auditor.IntendAsync(caller, action, [], cancellation);
        try
        {
            var result = await auditor.RecordFailureAsync(caller, action, [], async () =>
            {
                try
                {
                    return await change();
                }
                catch (ComponentException e)
                {
                    throw CollectionProblems.Of(e);
                }
            });
            await auditor.RecordAsync(caller, action, AuditOutcomes.Ok, [], model: null, CancellationToken.None);
            return result;
        }
        finally
        {
            directory.Forget();
        }
    }
}
