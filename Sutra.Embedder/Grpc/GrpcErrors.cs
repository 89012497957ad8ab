using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Core;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Grpc;

/// <summary>Failures as gRPC tells them.</summary>
internal static class GrpcErrors
{
    /// <summary>Trailer of RESOURCE_EXHAUSTED.</summary>
    public const string RetryAfter = "retry-after-ms";

    public static RpcException Of(StatusCode code, string detail) => new(new Status(code, detail));

    public static RpcException Invalid(string detail) => Of(StatusCode.InvalidArgument, detail);

    /// <summary>What a call's caller is told; the exception itself where that is nothing but that it failed.</summary>
    public static Exception For(Exception exception) => exception switch
    {
        RpcException e => e,
        CallException e => Invalid(e.Message),
        UnknownModelException e => Of(StatusCode.NotFound, e.Message),
        ModelUnavailableException e => Of(StatusCode.Unavailable, e.Message),
        OverloadException e => Exhausted(e.Message, e.RetryAfterSeconds),
        RefusalException { Status: StatusCodes.Status429TooManyRequests, RetryAfterSeconds: { } seconds } e => Exhausted(e.Message, seconds),
        RegexMatchTimeoutException => Invalid($"A text {TextFailure.Untokenizable.Reason()}"),
        OperationCanceledException => Of(StatusCode.Cancelled, "The call was cancelled."),
        _ => exception,
    };

    /// <summary>What <paramref name="call"/> gives; its failures as <see cref="For"/> has them.</summary>
    public static async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e)
        {
            throw For(e);
        }
    }

    public static StatusCode Code(this TextFailure failure) => failure switch
    {
        TextFailure.ModelFailed => StatusCode.Internal,
        TextFailure.Late => StatusCode.Unavailable,
        _ => StatusCode.InvalidArgument,
    };

    private static RpcException Exhausted(string detail, int retryAfterSeconds) => new(
        new Status(StatusCode.ResourceExhausted, detail),
        new Metadata { { RetryAfter, (retryAfterSeconds * 1000).ToString(CultureInfo.InvariantCulture) } });
}
