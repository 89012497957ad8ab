using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace Sutra.Gateway.Routing;

/// <summary>A stream of lines may be of any length and stand still at times; the embedder bounds its lines, and the activity timeout its pauses.</summary>
internal static class Streams
{
    private const int SlowBytes = 240;

    // Kestrel looks once a second.
    private static readonly TimeSpan ShortestGrace = TimeSpan.FromSeconds(2);

    public static void UseStreams(this IReverseProxyApplicationBuilder proxy)
    {
        var timeout = proxy.ApplicationServices.GetRequiredService<IOptions<GatewayOptions>>().Value.ActivityTimeout;
        var grace = timeout > ShortestGrace ? timeout : ShortestGrace;
        proxy.Use((context, next) =>
        {
            if (context.GetReverseProxyFeature().Cluster.Config.ClusterId == Routes.Stream)
            {
                Unlimit(context, grace);
            }

            return next(context);
        });
    }

    private static void Unlimit(HttpContext context, TimeSpan grace)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } incoming)
        {
            incoming.MinDataRate = null;
        }

        if (HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IHttpMinResponseDataRateFeature>() is { } outgoing)
        {
            outgoing.MinDataRate = new MinDataRate(SlowBytes, grace);
        }
    }
}
