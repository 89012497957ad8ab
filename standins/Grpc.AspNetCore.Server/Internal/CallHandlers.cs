using Grpc.Core;
using Grpc.Net.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

internal delegate Task<TResponse> UnaryInvoker<TService, TRequest, TResponse>(TService service, TRequest request, ServerCallContext context);

internal delegate Task<TResponse> ClientStreamingInvoker<TService, TRequest, TResponse>(
    TService service, IAsyncStreamReader<TRequest> requests, ServerCallContext context);

internal delegate Task ServerStreamingInvoker<TService, TRequest, TResponse>(
    TService service, TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context);

internal delegate Task DuplexStreamingInvoker<TService, TRequest, TResponse>(
    TService service, IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context);

/// <summary>Answers the requests of one method.</summary>
internal abstract class CallHandler<TService>(IMethod method, MethodOptions options, ILogger logger)
    where TService : class
{
    protected MethodOptions Options { get; } = options;

    public async Task HandleAsync(HttpContext http)
    {
        if (Refuse(http))
        {
            return;
        }

        http.Response.ContentType = HeaderEncoding.ContentType;
        var context = new HttpContextServerCallContext(http, method, Options, logger);
        try
        {
            context.Start();
            await InvokeAsync(http, context);
        }
        catch (Exception exception)
        {
            context.Fail(exception);
        }

        await context.EndAsync();
    }

    protected abstract Task InvokeAsync(HttpContext http, HttpContextServerCallContext context);

    /// <summary>A stream may last, and be silent, as long as its caller wishes.</summary>
    protected static void AllowLongRequest(HttpContext http)
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    protected static void AllowLongCall(HttpContext http)
    {
        if (http.Features.Get<IHttpRequestTimeoutFeature>() is { } timeout
            && http.GetEndpoint()?.Metadata is { } metadata
            && metadata.GetMetadata<RequestTimeoutAttribute>() is null
            && metadata.GetMetadata<RequestTimeoutPolicy>() is null)
        {
            timeout.DisableTimeout();
        }
    }

    /// <summary>Sends the only response of a call; it goes out together with the trailers.</summary>
    protected static async Task WriteSingleAsync<T>(HttpContextServerCallContext context, T? response, Action<T, SerializationContext> serializer)
        where T : class
    {
        if (response is null)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        }

        context.BeginWrite();
        try
        {
            var http = context.HttpContext.Response;
            if (!http.HasStarted)
            {
                await http.StartAsync();
            }

            FrameWriter.Write(response, serializer, http.BodyWriter, context.Options.MaxSendMessageSize, context.CompressMessage);
        }
        finally
        {
            context.EndWrite();
        }
    }

    private bool Refuse(HttpContext http)
    {
        if (!HeaderEncoding.IsGrpcContentType(http.Request.ContentType))
        {
            Log.UnsupportedRequestContentType(logger, http.Request.ContentType);
            var detail = http.Request.ContentType is { } contentType
                ? $"Content-Type '{contentType}' is not supported."
                : "Content-Type is missing from the request.";
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            ResponseStatus.Set(http.Response.Headers, new Status(StatusCode.Internal, detail));
            return true;
        }

        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            Log.UnsupportedRequestProtocol(logger, http.Request.Protocol);
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            http.Response.Headers.Upgrade = HttpProtocol.Http2;
            ResponseStatus.Set(
                http.Response.Headers, new Status(StatusCode.Internal, $"Request protocol '{http.Request.Protocol}' is not supported."));
            return true;
        }

        return false;
    }
}

internal sealed class UnaryCallHandler<TService, TRequest, TResponse> : CallHandler<TService>
    where TService : class
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly UnaryInvoker<TService, TRequest, TResponse> _invoker;
    private readonly UnaryServerMethod<TRequest, TResponse> _pipeline;

    public UnaryCallHandler(
        Method<TRequest, TResponse> method, MethodOptions options, ILogger logger, UnaryInvoker<TService, TRequest, TResponse> invoker)
        : base(method, options, logger)
    {
        _method = method;
        _invoker = invoker;
        _pipeline = options.Interceptors.Reverse().Aggregate<InterceptorRegistration, UnaryServerMethod<TRequest, TResponse>>(
            CallAsync,
            static (next, registration) =>
            {
                var activator = new InterceptorActivator(registration);
                return async (request, context) =>
                {
                    await using var interceptor = activator.Get(context);
                    return await interceptor.Instance.UnaryServerHandler(request, context, next);
                };
            });
    }

    protected override async Task InvokeAsync(HttpContext http, HttpContextServerCallContext context)
    {
        var request = await MessagePipes.ReadSingleAsync(context, _method.RequestMarshaller.ContextualDeserializer);
        var response = await _pipeline(request, context);
        await WriteSingleAsync(context, response, _method.ResponseMarshaller.ContextualSerializer);
    }

    private Task<TResponse> CallAsync(TRequest request, ServerCallContext context)
    {
        var service = ServiceActivator<TService>.Get(context);
        return service.Disposable ? CallAndDisposeAsync(service, request, context) : _invoker(service.Instance, request, context);
    }

    private async Task<TResponse> CallAndDisposeAsync(
        Activated<TService> service, TRequest request, ServerCallContext context)
    {
        await using (service)
        {
            return await _invoker(service.Instance, request, context);
        }
    }
}

internal sealed class ClientStreamingCallHandler<TService, TRequest, TResponse> : CallHandler<TService>
    where TService : class
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly ClientStreamingInvoker<TService, TRequest, TResponse> _invoker;
    private readonly ClientStreamingServerMethod<TRequest, TResponse> _pipeline;

    public ClientStreamingCallHandler(
        Method<TRequest, TResponse> method, MethodOptions options, ILogger logger, ClientStreamingInvoker<TService, TRequest, TResponse> invoker)
        : base(method, options, logger)
    {
        _method = method;
        _invoker = invoker;
        _pipeline = options.Interceptors.Reverse().Aggregate<InterceptorRegistration, ClientStreamingServerMethod<TRequest, TResponse>>(
            CallAsync,
            static (next, registration) =>
            {
                var activator = new InterceptorActivator(registration);
                return async (requests, context) =>
                {
                    await using var interceptor = activator.Get(context);
                    return await interceptor.Instance.ClientStreamingServerHandler(requests, context, next);
                };
            });
    }

    protected override async Task InvokeAsync(HttpContext http, HttpContextServerCallContext context)
    {
        AllowLongRequest(http);
        AllowLongCall(http);
        var requests = new RequestStreamReader<TRequest>(context, _method.RequestMarshaller.ContextualDeserializer);
        TResponse response;
        try
        {
            response = await _pipeline(requests, context);
        }
        finally
        {
            requests.Complete();
        }

        await WriteSingleAsync(context, response, _method.ResponseMarshaller.ContextualSerializer);
    }

    private Task<TResponse> CallAsync(IAsyncStreamReader<TRequest> requests, ServerCallContext context)
    {
        var service = ServiceActivator<TService>.Get(context);
        return service.Disposable ? CallAndDisposeAsync(service, requests, context) : _invoker(service.Instance, requests, context);
    }

    private async Task<TResponse> CallAndDisposeAsync(
        Activated<TService> service, IAsyncStreamReader<TRequest> requests, ServerCallContext context)
    {
        await using (service)
        {
            return await _invoker(service.Instance, requests, context);
        }
    }
}

internal sealed class ServerStreamingCallHandler<TService, TRequest, TResponse> : CallHandler<TService>
    where TService : class
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly ServerStreamingInvoker<TService, TRequest, TResponse> _invoker;
    private readonly ServerStreamingServerMethod<TRequest, TResponse> _pipeline;

    public ServerStreamingCallHandler(
        Method<TRequest, TResponse> method, MethodOptions options, ILogger logger, ServerStreamingInvoker<TService, TRequest, TResponse> invoker)
        : base(method, options, logger)
    {
        _method = method;
        _invoker = invoker;
        _pipeline = options.Interceptors.Reverse().Aggregate<InterceptorRegistration, ServerStreamingServerMethod<TRequest, TResponse>>(
            CallAsync,
            static (next, registration) =>
            {
                var activator = new InterceptorActivator(registration);
                return async (request, responses, context) =>
                {
                    await using var interceptor = activator.Get(context);
                    await interceptor.Instance.ServerStreamingServerHandler(request, responses, context, next);
                };
            });
    }

    protected override async Task InvokeAsync(HttpContext http, HttpContextServerCallContext context)
    {
        AllowLongCall(http);
        var request = await MessagePipes.ReadSingleAsync(context, _method.RequestMarshaller.ContextualDeserializer);
        var responses = new ResponseStreamWriter<TResponse>(context, _method.ResponseMarshaller.ContextualSerializer);
        try
        {
            await _pipeline(request, responses, context);
        }
        finally
        {
            responses.Complete();
        }
    }

    private Task CallAsync(TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        var service = ServiceActivator<TService>.Get(context);
        return service.Disposable ? CallAndDisposeAsync(service, request, responses, context) : _invoker(service.Instance, request, responses, context);
    }

    private async Task CallAndDisposeAsync(
        Activated<TService> service, TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        await using (service)
        {
            await _invoker(service.Instance, request, responses, context);
        }
    }
}

internal sealed class DuplexStreamingCallHandler<TService, TRequest, TResponse> : CallHandler<TService>
    where TService : class
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly DuplexStreamingInvoker<TService, TRequest, TResponse> _invoker;
    private readonly DuplexStreamingServerMethod<TRequest, TResponse> _pipeline;

    public DuplexStreamingCallHandler(
        Method<TRequest, TResponse> method, MethodOptions options, ILogger logger, DuplexStreamingInvoker<TService, TRequest, TResponse> invoker)
        : base(method, options, logger)
    {
        _method = method;
        _invoker = invoker;
        _pipeline = options.Interceptors.Reverse().Aggregate<InterceptorRegistration, DuplexStreamingServerMethod<TRequest, TResponse>>(
            CallAsync,
            static (next, registration) =>
            {
                var activator = new InterceptorActivator(registration);
                return async (requests, responses, context) =>
                {
                    await using var interceptor = activator.Get(context);
                    await interceptor.Instance.DuplexStreamingServerHandler(requests, responses, context, next);
                };
            });
    }

    protected override async Task InvokeAsync(HttpContext http, HttpContextServerCallContext context)
    {
        AllowLongRequest(http);
        AllowLongCall(http);
        var requests = new RequestStreamReader<TRequest>(context, _method.RequestMarshaller.ContextualDeserializer);
        var responses = new ResponseStreamWriter<TResponse>(context, _method.ResponseMarshaller.ContextualSerializer);
        try
        {
            await _pipeline(requests, responses, context);
        }
        finally
        {
            requests.Complete();
            responses.Complete();
        }
    }

    private Task CallAsync(IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        var service = ServiceActivator<TService>.Get(context);
        return service.Disposable ? CallAndDisposeAsync(service, requests, responses, context) : _invoker(service.Instance, requests, responses, context);
    }

    private async Task CallAndDisposeAsync(
        Activated<TService> service, IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context)
    {
        await using (service)
        {
            await _invoker(service.Instance, requests, responses, context);
        }
    }
}
