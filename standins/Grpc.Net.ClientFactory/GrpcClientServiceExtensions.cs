using Grpc.Net.ClientFactory;
using Grpc.Net.ClientFactory.Internal;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

public static class GrpcClientServiceExtensions
{
    public static IHttpClientBuilder AddGrpcClient<TClient>(this IServiceCollection services)
        where TClient : class => services.AddGrpcClient<TClient>(typeof(TClient).Name);

    public static IHttpClientBuilder AddGrpcClient<TClient>(this IServiceCollection services, Action<GrpcClientFactoryOptions> configureClient)
        where TClient : class => services.AddGrpcClient<TClient>(typeof(TClient).Name, configureClient);

    public static IHttpClientBuilder AddGrpcClient<TClient>(
        this IServiceCollection services, Action<IServiceProvider, GrpcClientFactoryOptions> configureClient)
        where TClient : class => services.AddGrpcClient<TClient>(typeof(TClient).Name, configureClient);

    public static IHttpClientBuilder AddGrpcClient<TClient>(this IServiceCollection services, string name)
        where TClient : class => services.AddGrpcClient<TClient>(name, static _ => { });

    public static IHttpClientBuilder AddGrpcClient<TClient>(
        this IServiceCollection services, string name, Action<GrpcClientFactoryOptions> configureClient)
        where TClient : class
    {
        ArgumentNullException.ThrowIfNull(configureClient);
        return services.AddGrpcClient<TClient>(name, (_, options) => configureClient(options));
    }

    public static IHttpClientBuilder AddGrpcClient<TClient>(
        this IServiceCollection services, string name, Action<IServiceProvider, GrpcClientFactoryOptions> configureClient)
        where TClient : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configureClient);

        services.AddTransient<IConfigureOptions<GrpcClientFactoryOptions>>(provider =>
            new ConfigureNamedOptions<GrpcClientFactoryOptions>(name, options => configureClient(provider, options)));
        services.TryAddTransient<GrpcClientFactory, DefaultGrpcClientFactory>();
        services.TryAddSingleton<ChannelCache>();
        GrpcClientNames.Reserve(services, name, typeof(TClient));

        var builder = services.AddHttpClient(name);
        services.AddTransient(provider => provider.GetRequiredService<GrpcClientFactory>().CreateClient<TClient>(name));

        // First, so that whatever the application or its defaults configure comes after and wins.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<HttpClientFactoryOptions>>(
            new ConfigureNamedOptions<HttpClientFactoryOptions>(name, options => options.HttpMessageHandlerBuilderActions.Add(handler =>
                handler.PrimaryHandler = new SocketsHttpHandler
                {
                    EnableMultipleHttp2Connections = true,

                    // A channel keeps its handler for good; renewing connections lets it notice changes of DNS all the same.
                    PooledConnectionLifetime = options.HandlerLifetime,
                }))));
        return builder;
    }
}
