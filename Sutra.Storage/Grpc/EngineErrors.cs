using Grpc.Core;
using Grpc.Core.Interceptors;
using Sutra.Storage.Collections;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Grpc;

/// <summary>What the engine throws, as the status that a gRPC client expects.</summary>
internal sealed class EngineErrors : Interceptor
{
    /// <summary>Names the field that INVALID_ARGUMENT is about.</summary>
    public const string FieldTrailer = "sutra-field";

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation)
    {
        while (true)
        {
            try
            {
                return await continuation(request, context);
            }
            catch (CollectionMovingException e)
            {
                // Asked again, of whatever has the name then.
                await e.Until.WaitAsync(context.CancellationToken);
            }
            catch (Exception e) when (StatusOf(e, context) is { } status)
            {
                throw new RpcException(status, TrailersOf(e));
            }
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception e) when (StatusOf(e, context) is { } status)
        {
            throw new RpcException(status, TrailersOf(e));
        }
    }

    // For programs: which field is wrong.
    private static Metadata TrailersOf(Exception exception) => exception is InvalidConceptException invalid ? new Metadata { { FieldTrailer, invalid.Field } } : [];

    // Null: not one of the engine's.
    private static Status? StatusOf(Exception exception, ServerCallContext context) => exception switch
    {
        InvalidConceptException => new Status(StatusCode.InvalidArgument, exception.Message),
        CollectionMovingException => new Status(StatusCode.Unavailable, exception.Message),
        LogUnavailableException or KeyRingUnavailableException => new Status(StatusCode.Unavailable, exception.Message),
        CollectionNotFoundException or ConceptNotFoundException => new Status(StatusCode.NotFound, exception.Message),
        CollectionExistsException or ContentExistsException => new Status(StatusCode.AlreadyExists, exception.Message),
        CollectionConflictException => new Status(StatusCode.FailedPrecondition, exception.Message),
        OwnerErasedException => new Status(StatusCode.Aborted, exception.Message),

        // Which file is for the log: whoever calls can do nothing with a path.
        SegmentCorruptException or InvalidDataException => new Status(StatusCode.DataLoss, "What is stored of it is damaged."),
        OperationCanceledException when context.CancellationToken.IsCancellationRequested => new Status(StatusCode.Cancelled, "The call was cancelled."),
        _ => null,
    };
}
