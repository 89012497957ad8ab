using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.Net.ClientFactory.Internal;

internal sealed class DefaultGrpcClientFactory(IServiceProvider services, ChannelCache channels, IOptionsMonitor<GrpcClientFactoryOptions> options)
    : GrpcClientFactory
{
    public override TClient CreateClient<TClient>(string name)
    {
        var clientOptions = options.Get(name);
        var invoker = clientOptions.Intercept(channels.Get(name, typeof(TClient)), services, InterceptorScope.Client);
        if (clientOptions.Creator is not { } create)
        {
            return Constructor<TClient>.Create(services, [invoker]);
        }

        return create(invoker) switch
        {
            TClient client => client,
            null => throw new InvalidOperationException("A null instance was returned by the configured client creator."),
            var other => throw new InvalidOperationException(
                $"The {other.GetType().FullName} instance returned by the configured client creator is not compatible with {typeof(TClient).FullName}."),
        };
    }

    private static class Constructor<TClient>
        where TClient : class
    {
        public static readonly ObjectFactory<TClient> Create = ActivatorUtilities.CreateFactory<TClient>([typeof(CallInvoker)]);
    }
}

/// <summary>One channel per registered client, for the application's life.</summary>
internal sealed class ChannelCache(
    IServiceScopeFactory scopes,
    ILoggerFactory loggers,
    IHttpMessageHandlerFactory handlers,
    IOptionsMonitor<GrpcClientFactoryOptions> options,
    IOptionsMonitor<HttpClientFactoryOptions> httpOptions)
{
    // Lazy: a race must not make two channels, each with connections of its own.
    private readonly ConcurrentDictionary<(string Name, Type Client), Lazy<CallInvoker>> _invokers = new();

    public CallInvoker Get(string name, Type client)
    {
        var invoker = _invokers.GetOrAdd(
            (name, client), static (key, cache) => new Lazy<CallInvoker>(() => cache.Create(key.Name, key.Client)), this);
        try
        {
            return invoker.Value;
        }
        catch
        {
            _invokers.TryRemove(KeyValuePair.Create((name, client), invoker));
            throw;
        }
    }

    private CallInvoker Create(string name, Type client)
    {
        // Lives as long as the channel: handlers and interceptors may hold on to what they took from it.
        var scope = scopes.CreateScope();
        try
        {
            var clientOptions = options.Get(name);
            var channelOptions = new GrpcChannelOptions
            {
                HttpHandler = handlers.CreateHandler(name),
                LoggerFactory = loggers,
                ServiceProvider = scope.ServiceProvider,
            };
            foreach (var configure in clientOptions.ChannelOptionsActions)
            {
                configure(channelOptions);
            }

            var address = clientOptions.Address ?? HttpClientAddress(name) ?? throw new InvalidOperationException(
                $"""Could not resolve the address for gRPC client '{name}'. Set an address when registering the client: services.AddGrpcClient<{client.Name}>(o => o.Address = new Uri("https://localhost:5001"))""");
            return clientOptions.Intercept(
                GrpcChannel.ForAddress(address, channelOptions).CreateCallInvoker(), scope.ServiceProvider, InterceptorScope.Channel);
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    /// <summary>What <c>ConfigureHttpClient</c> set; nothing else of it applies to gRPC.</summary>
    private Uri? HttpClientAddress(string name)
    {
        if (httpOptions.Get(name).HttpClientActions is not { Count: > 0 } actions)
        {
            return null;
        }

        using var http = new HttpClient();
        foreach (var configure in actions)
        {
            configure(http);
        }

        return http.BaseAddress;
    }
}

/// <summary>Known while services are registered: which names are gRPC clients, and of which type.</summary>
internal sealed class GrpcClientNames
{
    private readonly Dictionary<string, Type> _clients = new(StringComparer.Ordinal);

    public static void Reserve(IServiceCollection services, string name, Type client)
    {
        var names = Find(services);
        if (names is null)
        {
            names = new GrpcClientNames();
            services.AddSingleton(names);
        }

        if (names._clients.TryGetValue(name, out var other) && other != client)
        {
            throw new InvalidOperationException(
                $"The gRPC client factory already has a registered client with the name '{name}', bound to the type '{other.FullName}'. "
                + $"Client names are computed based on the type name without considering the namespace ('{other.Name}'). "
                + "Use an overload of AddGrpcClient that accepts a string and provide a unique name to resolve the conflict.");
        }

        names._clients[name] = client;
    }

    public static bool Contains(IServiceCollection services, string name) => Find(services)?._clients.ContainsKey(name) == true;

    private static GrpcClientNames? Find(IServiceCollection services) =>
        services.FirstOrDefault(service => service.ServiceType == typeof(GrpcClientNames))?.ImplementationInstance as GrpcClientNames;
}
