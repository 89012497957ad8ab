using Grpc.Core;

namespace Grpc.Net.Client.Internal;

internal sealed class HttpCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.ResponseAsync.GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new SingleResponseCall<TRequest, TResponse>(channel, method, options);
        var response = call.Start(new UnaryContent<TRequest>(request, method.RequestMarshaller, call));
        return new AsyncUnaryCall<TResponse>(
            response, GrpcCall.HeadersOf, GrpcCall.StatusOf, GrpcCall.TrailersOf, GrpcCall.DisposeOf, call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new SingleResponseCall<TRequest, TResponse>(channel, method, options);
        var writer = new RequestStreamWriter<TRequest>(call, method.RequestMarshaller);
        call.Requests = writer;
        var response = call.Start(new StreamingContent<TRequest>(writer));
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            writer, response, GrpcCall.HeadersOf, GrpcCall.StatusOf, GrpcCall.TrailersOf, GrpcCall.DisposeOf, call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new StreamingResponseCall<TRequest, TResponse>(channel, method, options);
        call.Start(new UnaryContent<TRequest>(request, method.RequestMarshaller, call));
        return new AsyncServerStreamingCall<TResponse>(
            call, GrpcCall.HeadersOf, GrpcCall.StatusOf, GrpcCall.TrailersOf, GrpcCall.DisposeOf, call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new StreamingResponseCall<TRequest, TResponse>(channel, method, options);
        var writer = new RequestStreamWriter<TRequest>(call, method.RequestMarshaller);
        call.Requests = writer;
        call.Start(new StreamingContent<TRequest>(writer));
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            writer, call, GrpcCall.HeadersOf, GrpcCall.StatusOf, GrpcCall.TrailersOf, GrpcCall.DisposeOf, call);
    }
}
