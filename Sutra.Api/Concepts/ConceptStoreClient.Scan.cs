using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Concepts;

/// <summary>Looking at all that pass a filter.</summary>
internal sealed partial class ConceptStoreClient
{
    /// <exception cref="ComponentException">The storage is away, or refused.</exception>
    public async Task<IReadOnlyList<Concept>> ScanAsync(ScanRequest request, Caller caller, CancellationToken cancellation)
    {
        var found = new List<Concept>();
        var call = new CallOptions(caller.ToMetadata(), time.GetUtcNow().UtcDateTime + options.Value.BatchDeadline, cancellation);
        try
        {
            using var scan = client.Scan(request, call);
            while (await scan.ResponseStream.MoveNext(cancellation))
            {
                found.Add(scan.ResponseStream.Current);
            }

            return found;
        }
        catch (RpcException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (RpcException e)
        {
            throw new ComponentException(Components.Storage, e);
        }
    }
}
