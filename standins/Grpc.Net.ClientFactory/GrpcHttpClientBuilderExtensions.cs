using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.ClientFactory;
using Grpc.Net.ClientFactory.Internal;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

public static class GrpcHttpClientBuilderExtensions
{
    public static IHttpClientBuilder ConfigureChannel(this IHttpClientBuilder builder, Action<IServiceProvider, GrpcChannelOptions> configureChannel)
    {
        ArgumentNullException.ThrowIfNull(configureChannel);
        Check(builder, nameof(ConfigureChannel));
        builder.Services.AddTransient<IConfigureOptions<GrpcClientFactoryOptions>>(services =>
            new ConfigureNamedOptions<GrpcClientFactoryOptions>(
                builder.Name, options => options.ChannelOptionsActions.Add(channel => configureChannel(services, channel))));
        return builder;
    }

    public static IHttpClientBuilder ConfigureChannel(this IHttpClientBuilder builder, Action<GrpcChannelOptions> configureChannel)
    {
        ArgumentNullException.ThrowIfNull(configureChannel);
        Check(builder, nameof(ConfigureChannel));
        builder.Services.Configure<GrpcClientFactoryOptions>(builder.Name, options => options.ChannelOptionsActions.Add(configureChannel));
        return builder;
    }

    public static IHttpClientBuilder AddInterceptor(this IHttpClientBuilder builder, Func<IServiceProvider, Interceptor> configureInvoker) =>
        builder.AddInterceptor(InterceptorScope.Channel, configureInvoker);

    public static IHttpClientBuilder AddInterceptor(
        this IHttpClientBuilder builder, InterceptorScope scope, Func<IServiceProvider, Interceptor> configureInvoker)
    {
        ArgumentNullException.ThrowIfNull(configureInvoker);
        Check(builder, nameof(AddInterceptor));
        builder.Services.Configure<GrpcClientFactoryOptions>(
            builder.Name, options => options.InterceptorRegistrations.Add(new InterceptorRegistration(scope, configureInvoker)));
        return builder;
    }

    public static IHttpClientBuilder AddInterceptor<TInterceptor>(this IHttpClientBuilder builder)
        where TInterceptor : Interceptor => builder.AddInterceptor<TInterceptor>(InterceptorScope.Channel);

    public static IHttpClientBuilder AddInterceptor<TInterceptor>(this IHttpClientBuilder builder, InterceptorScope scope)
        where TInterceptor : Interceptor => builder.AddInterceptor(scope, services => services.GetRequiredService<TInterceptor>());

    private static void Check(IHttpClientBuilder builder, string caller)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!GrpcClientNames.Contains(builder.Services, builder.Name))
        {
            throw new InvalidOperationException($"{caller} must be used with a gRPC client.");
        }
    }
}
