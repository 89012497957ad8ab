using Microsoft.Extensions.Options;
using Sutra.Gateway.Errors;
using Sutra.Gateway.Identity;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Sutra.Gateway.Routing;

internal static class RoutingExtensions
{
    public static void AddRoutes(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IForwarderHttpClientFactory, ServiceClientFactory>();
        builder.Services.AddSingleton<IProxyConfigProvider>(services => new InMemoryConfigProvider(
            Routes.All,
            Routes.Clusters(services.GetRequiredService<IOptions<GatewayOptions>>().Value)));
        builder.Services.AddReverseProxy()
            .AddServiceDiscoveryDestinationResolver()
            .AddTransforms(transforms =>
            {
                // X-Forwarded-*: YARP's default, which replaces whatever the caller sent.
                transforms.RequestTransforms.Add(transforms.Services.GetRequiredService<CallerTransform>());
                transforms.ResponseTransforms.Add(new ServiceErrors());
            });
    }

    public static void MapRoutes(this WebApplication app)
    {
        app.MapReverseProxy(proxy =>
        {
            // Rate limits and circuit breakers will stand here: after it is known who calls and whom.
            proxy.UseProxyErrors();
            proxy.UseStreams();
            proxy.UseLoadBalancing();
        });

        // Named, so that an unknown path is 404 for everybody and does not ask for a key first.
        app.MapFallback("/{**path}", () => TypedResults.StatusCode(StatusCodes.Status404NotFound)).AllowAnonymous();
    }
}
