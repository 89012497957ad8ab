using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Sutra.Gateway.Routing;

/// <summary>The pooled connections to the services.</summary>
internal sealed class ServiceClientFactory(IOptions<GatewayOptions> options, ILogger<ForwarderHttpClientFactory> logger)
    : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = options.Value.ConnectTimeout;

        // A service that moved is found again, though its old address still answers.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        context.ClusterId == Routes.Stream ? new PromptSender { InnerHandler = base.WrapHandler(context, handler) } : base.WrapHandler(context, handler);
}
