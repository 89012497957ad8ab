using Grpc.Core;
using Sutra.Api.Identity;

namespace Sutra.Api.Clients;

/// <summary>One gRPC call as the API makes all of them: in the caller's name, with a deadline, tried again once when the service could not be reached.</summary>
internal sealed record UnaryCall(string Component, Caller Caller, TimeSpan Limit, TimeProvider Time)
{
    /// <summary>Off for calls that must not happen twice; connections that are cut half-way look like connections never made.</summary>
    public bool Retry { get; init; } = true;

    /// <exception cref="ComponentException">The service answered with an error, or not at all.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<T> InvokeAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellation)
    {
        var options = new CallOptions(Caller.ToMetadata(), Time.GetUtcNow().UtcDateTime + Limit, cancellation);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var running = call(options);
                return await running.ResponseAsync;
            }
            catch (RpcException) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellation);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && Retry && attempt == 0)
            {
                // A service that was just restarted refuses the old connection and takes a new one.
            }
            catch (RpcException e)
            {
                throw new ComponentException(Component, e);
            }
        }
    }
}
