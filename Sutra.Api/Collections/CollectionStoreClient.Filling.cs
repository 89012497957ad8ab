using System.Runtime.CompilerServices;
using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Collections;

// Whole bodies of concepts: read, made and switched.
internal sealed partial class CollectionStoreClient
{
    /// <summary>All concepts that fit, as of one moment. Takes as long as whoever reads does.</summary>
    /// <exception cref="ComponentException">Before or in the middle of it.</exception>
    public async IAsyncEnumerable<Concept> ScanAsync(ScanRequest request, Caller caller, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var call = concepts.Scan(request, new CallOptions(caller.ToMetadata(), cancellationToken: cancellation));
        while (true)
        {
            try
            {
                if (!await call.ResponseStream.MoveNext(cancellation))
                {
                    yield break;
                }
            }
            catch (RpcException) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellation);
            }
            catch (RpcException e)
            {
                throw new ComponentException(Components.Storage, e);
            }

            yield return call.ResponseStream.Current;
        }
    }

    /// <summary>The same ids again are the same concepts: safe to try again.</summary>
    public Task<LearnManyResponse> LearnManyAsync(LearnManyRequest request, Caller caller, CancellationToken cancellation) =>
        (Call(caller) with { Limit = s_changes }).InvokeAsync(call => concepts.LearnManyAsync(request, call), cancellation);

    public Task DeleteConceptAsync(DeleteConceptRequest request, Caller caller, CancellationToken cancellation) =>
        Call(caller).InvokeAsync(call => concepts.DeleteConceptAsync(request, call), cancellation);

    public Task EraseOwnerAsync(EraseOwnerRequest request, Caller caller, CancellationToken cancellation) =>
        Change(caller).InvokeAsync(call => concepts.EraseOwnerAsync(request, call), cancellation);

    public Task<FollowResponse> FollowAsync(FollowRequest request, Caller caller, CancellationToken cancellation) =>
        Change(caller).InvokeAsync(call => client.FollowAsync(request, call), cancellation);

    public Task<Collection> ReplaceAsync(ReplaceRequest request, Caller caller, CancellationToken cancellation) =>
        Change(caller).InvokeAsync(call => client.ReplaceAsync(request, call), cancellation);
}
