using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>A unary or client streaming call.</summary>
internal sealed class SingleResponseCall<TRequest, TResponse>(GrpcChannel channel, Method<TRequest, TResponse> method, CallOptions options)
    : GrpcCall(channel, method, options)
    where TRequest : class
    where TResponse : class
{
    private Task<TResponse> _run = null!;

    public RequestStreamWriter<TRequest>? Requests { get; set; }

    public Task<TResponse> Start(HttpContent content) => _run = RunAsync(content);

    public override async ValueTask<RpcException> ExplainAsync(Exception writeFailure)
    {
        // Why the server stopped listening stands in its answer, which is on its way.
        await ((Task)_run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return CreateException();
    }

    protected override void OnDisposed()
    {
        Observe(_run);
        Requests?.Abort();
    }

    private async Task<TResponse> RunAsync(HttpContent content)
    {
        TResponse? message = null;
        Status status;
        ResponseFrames? frames = null;
        try
        {
            if (await SendAsync(content).ConfigureAwait(false) is { } early)
            {
                status = early.StatusCode == StatusCode.OK
                    ? new Status(StatusCode.Internal, "Failed to deserialize response message. The response header contains a gRPC status of OK, which means any message returned to the client for this call should be ignored. A unary or client streaming gRPC call must have a response message, which makes this response invalid.")
                    : early;
            }
            else
            {
                var stream = await Response.Content.ReadAsStreamAsync(Cancellation).ConfigureAwait(false);
                frames = new ResponseFrames(stream, MaxReceiveMessageSize, ResponseHeaders.Encoding(Response));
                if (await frames.ReadAsync(Cancellation).ConfigureAwait(false))
                {
                    message = frames.Take(method.ResponseMarshaller.ContextualDeserializer);
                    if (await frames.ReadAsync(Cancellation).ConfigureAwait(false))
                    {
                        throw new InvalidDataException("Unexpected data after finished reading message.");
                    }
                }

                status = ResponseHeaders.Trailing(Response);
                if (status.StatusCode == StatusCode.OK && message is null)
                {
                    status = new Status(StatusCode.Internal, "Failed to deserialize response message.");
                }
            }
        }
        catch (Exception exception)
        {
            status = Resolve("Error starting gRPC call.", exception);
        }

        frames?.Dispose();
        status = End(status);
        Finish();
        Requests?.Abort();
        return status.StatusCode == StatusCode.OK && message is not null ? message : throw CreateException();
    }
}
