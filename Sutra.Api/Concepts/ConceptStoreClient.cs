using Grpc.Core;
using Microsoft.Extensions.Options;
using Sutra.Api.Clients;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Concepts;

/// <summary>The storage, over gRPC.</summary>
internal sealed partial class ConceptStoreClient(ConceptStore.ConceptStoreClient client, IOptions<ConceptStoreOptions> options, TimeProvider time)
{
    /// <summary>The same content has the same id, so learning twice is learning once: safe to try again.</summary>
    public Task<LearnResponse> LearnAsync(LearnRequest request, Caller caller, CancellationToken cancellation) =>
        Call(caller).InvokeAsync(call => client.LearnAsync(request, call), cancellation);

    /// <returns>Null when there is none.</returns>
    public async Task<Concept?> FindAsync(string id, string? collection, Caller caller, CancellationToken cancellation)
    {
        try
        {
            return await Call(caller).InvokeAsync(call => client.GetConceptAsync(new GetConceptRequest { Id = id, Collection = collection ?? "" }, call), cancellation);
        }
        catch (ComponentException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <returns>False when there was none.</returns>
    public async Task<bool> DeleteAsync(string id, string? collection, Caller caller, CancellationToken cancellation)
    {
        try
        {
            // A second try would find nothing to delete and say so, although the first one did delete it.
            var request = new DeleteConceptRequest { Id = id, Collection = collection ?? "" };
            await (Call(caller) with { Retry = false }).InvokeAsync(call => client.DeleteConceptAsync(request, call), cancellation);
            return true;
        }
        catch (ComponentException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }

    public Task<Statistics> GetStatisticsAsync(Caller caller, TimeSpan limit, CancellationToken cancellation) =>
        (Call(caller) with { Limit = limit }).InvokeAsync(call => client.GetStatisticsAsync(new GetStatisticsRequest(), call), cancellation);

    private UnaryCall Call(Caller caller) => new(Components.Storage, caller, options.Value.Deadline, time);
}
