using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Concepts;

internal sealed partial class ConceptStoreClient
{
    public Task<SearchResponse> SearchAsync(SearchRequest request, Caller caller, CancellationToken cancellation) =>
        Call(caller).InvokeAsync(call => client.SearchAsync(request, call), cancellation);

    public Task<FieldsResponse> FieldsAsync(FieldsRequest request, Caller caller, CancellationToken cancellation) =>
        Call(caller).InvokeAsync(call => client.FieldsAsync(request, call), cancellation);

    /// <summary>At most so many concepts, in no particular order.</summary>
    /// <returns>The concepts, and whether these are all.</returns>
    /// <exception cref="ComponentException">The storage failed.</exception>
    public async Task<(IReadOnlyList<Concept> Concepts, bool IsAll)> ScanAsync(ScanRequest request, int most, Caller caller, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            var concepts = new List<Concept>();
            var call = new CallOptions(caller.ToMetadata(), time.GetUtcNow().UtcDateTime + options.Value.Deadline, cancellation);
            try
            {
                using var running = client.Scan(request, call);
                while (await running.ResponseStream.MoveNext(cancellation))
                {
                    if (concepts.Count == most)
                    {
                        return (concepts, false);
                    }

                    concepts.Add(running.ResponseStream.Current);
                }

                return (concepts, true);
            }
            catch (RpcException) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellation);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && attempt == 0)
            {
                // A storage that was just restarted refuses the old connection and takes a new one.
            }
            catch (RpcException e)
            {
                throw new ComponentException(Components.Storage, e);
            }
        }
    }
}
