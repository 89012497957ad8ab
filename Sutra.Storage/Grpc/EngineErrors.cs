using Grpc.Core;
using Grpc.Core.Interceptors;
using Sutra.Storage.Concepts;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Grpc;

/// <summary>What the engine throws, as the status that a gRPC client expects.</summary>
internal sealed class EngineErrors : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (InvalidConceptException e)
        {
            throw Error(StatusCode.InvalidArgument, e.Message);
        }
        catch (LogUnavailableException e)
        {
            throw Error(StatusCode.Unavailable, e.Message);
        }
        catch (SegmentCorruptException)
        {
            // Which file is for the log: whoever calls can do nothing with a path.
            throw Error(StatusCode.DataLoss, "What is stored of it is damaged.");
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw Error(StatusCode.Cancelled, "The call was cancelled.");
        }
    }

    private static RpcException Error(StatusCode code, string detail) => new(new Status(code, detail));
}
