using System.Reflection;
using Grpc.Core;
using Grpc.Net.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Which services have an endpoint for their unknown methods already, over all route builders of an application.</summary>
internal sealed class MappedServices
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public bool Add(string name)
    {
        lock (_names)
        {
            return _names.Add(name);
        }
    }
}

/// <summary>Turns a service's generated binding into endpoints.</summary>
internal sealed class ServiceMapper<TService> : ServiceBinderBase
    where TService : class
{
    private readonly IEndpointRouteBuilder _routes;
    private readonly Type _bindType;
    private readonly MethodOptions _options;
    private readonly ILogger _logger;
    private readonly List<IEndpointConventionBuilder> _endpoints = [];
    private readonly HashSet<string> _serviceNames = new(StringComparer.Ordinal);

    private ServiceMapper(IEndpointRouteBuilder routes, Type bindType)
    {
        _routes = routes;
        _bindType = bindType;
        var services = routes.ServiceProvider;
        _options = MethodOptions.Create(
            services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value,
            services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value);
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(Log.Category);
    }

    public static IReadOnlyList<IEndpointConventionBuilder> Map(IEndpointRouteBuilder routes, MappedServices mapped)
    {
        var bind = FindBindMethod() ?? throw new InvalidOperationException(
            $"{typeof(TService)} is not a gRPC service: it does not derive from a generated service base class.");
        var mapper = new ServiceMapper<TService>(routes, bind.GetParameters()[1].ParameterType);
        bind.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [mapper, null], null);
        mapper.MapUnimplemented(mapped);
        return mapper._endpoints;
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var (invoker, target) = Find<UnaryInvoker<TService, TRequest, TResponse>>(
            method, typeof(TRequest), typeof(ServerCallContext));
        Add(method, target, new UnaryCallHandler<TService, TRequest, TResponse>(method, _options, _logger, invoker));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (invoker, target) = Find<ClientStreamingInvoker<TService, TRequest, TResponse>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        Add(method, target, new ClientStreamingCallHandler<TService, TRequest, TResponse>(method, _options, _logger, invoker));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (invoker, target) = Find<ServerStreamingInvoker<TService, TRequest, TResponse>>(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Add(method, target, new ServerStreamingCallHandler<TService, TRequest, TResponse>(method, _options, _logger, invoker));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (invoker, target) = Find<DuplexStreamingInvoker<TService, TRequest, TResponse>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Add(method, target, new DuplexStreamingCallHandler<TService, TRequest, TResponse>(method, _options, _logger, invoker));
    }

    private static MethodInfo? FindBindMethod()
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } binding)
            {
                return binding.BindType.GetMethod(
                    binding.BindMethodName, BindingFlags.Public | BindingFlags.Static, [typeof(ServiceBinderBase), type]);
            }
        }

        return null;
    }

    private (TInvoker Invoker, MethodInfo Target) Find<TInvoker>(IMethod method, params Type[] parameters)
        where TInvoker : Delegate
    {
        // A derived class may hide the method with one of the same signature; only overrides of the generated one count.
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters) is { IsVirtual: true } found
                && found.GetBaseDefinition().DeclaringType == _bindType)
            {
                return (found.CreateDelegate<TInvoker>(), found);
            }
        }

        throw new InvalidOperationException($"Could not find '{method.Name}' on {typeof(TService)}.");
    }

    private void Add(IMethod method, MethodInfo target, CallHandler<TService> handler)
    {
        _serviceNames.Add(method.ServiceName);
        var endpoint = _routes.Map(RoutePatternFactory.Parse(method.FullName), handler.HandleAsync);
        endpoint.Add(builder =>
        {
            builder.DisplayName = $"gRPC - {method.FullName}";
            builder.Metadata.Add(new GrpcMethodMetadata(typeof(TService), method));
            foreach (var attribute in typeof(TService).GetCustomAttributes(inherit: true).Concat(target.GetCustomAttributes(inherit: true)))
            {
                builder.Metadata.Add(attribute);
            }

            builder.Metadata.Add(new HttpMethodMetadata([HttpMethods.Post], acceptCorsPreflight: true));
        });
        _endpoints.Add(endpoint);
    }

    private void MapUnimplemented(MappedServices mapped)
    {
        if (mapped.Add(""))
        {
            _endpoints.Add(MapUnimplemented("{unimplementedService}/{unimplementedMethod}", "Service is unimplemented.", "Unimplemented service"));
        }

        foreach (var name in _serviceNames.Where(mapped.Add))
        {
            _endpoints.Add(MapUnimplemented($"{name}/{{unimplementedMethod}}", "Method is unimplemented.", $"Unimplemented method for {name}"));
        }
    }

    private IEndpointConventionBuilder MapUnimplemented(string pattern, string detail, string displayName)
    {
        var status = new Status(StatusCode.Unimplemented, detail);
        var route = RoutePatternFactory.Parse(pattern, defaults: null, parameterPolicies: new { unimplementedMethod = GrpcOnly.Instance });
        var endpoint = _routes.Map(route, http =>
        {
            http.Response.ContentType = HeaderEncoding.ContentType;
            ResponseStatus.Set(http.Response.Headers, status);
            return Task.CompletedTask;
        });
        endpoint.Add(builder => builder.DisplayName = $"gRPC - {displayName}");
        return endpoint;
    }

    /// <summary>Leaves everything but gRPC calls to the application's other routes.</summary>
    private sealed class GrpcOnly : IRouteConstraint
    {
        public static readonly GrpcOnly Instance = new();

        public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            httpContext is not null
            && HttpMethods.IsPost(httpContext.Request.Method)
            && HeaderEncoding.IsGrpcContentType(httpContext.Request.ContentType);
    }
}
