using Microsoft.Extensions.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServiceDiscoveryHttpClientBuilderExtensions
{
    /// <summary>Resolves the host of every request by service discovery, round-robin over its endpoints.</summary>
    public static IHttpClientBuilder AddServiceDiscovery(this IHttpClientBuilder httpClientBuilder)
    {
        ArgumentNullException.ThrowIfNull(httpClientBuilder);
        httpClientBuilder.Services.AddServiceDiscoveryCore();
        httpClientBuilder.AddHttpMessageHandler(services => new ResolvingHandler(
            services.GetRequiredService<ServiceEndpointResolver>(),
            services.GetRequiredService<IOptions<ServiceDiscoveryOptions>>()));
        httpClientBuilder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, NoGrpcLoadBalancing>());
        return httpClientBuilder;
    }

    /// <summary>Grpc.Net.Client would otherwise resolve the service's name itself, by DNS; this property is how it is told not to.</summary>
    private sealed class NoGrpcLoadBalancing : IHttpMessageHandlerBuilderFilter
    {
        public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
        {
            next(builder);
            if (builder.PrimaryHandler is SocketsHttpHandler sockets && builder.AdditionalHandlers.OfType<ResolvingHandler>().Any())
            {
                sockets.Properties["__GrpcLoadBalancingDisabled"] = true;
            }
        };
    }
}
