using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sutra.Gateway.Routing;

namespace Sutra.Gateway.Security;

internal static class RequestLimits
{
    // Many clients look for an answer only when they have sent everything; if the connection is closed before, they see
    // a broken pipe instead of the 413. Up to here what they send is read and thrown away.
    private const long MaxDiscardedBytes = 64L * 1024 * 1024;

    public static void AddRequestLimits(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<GatewayOptions>>(
            (kestrel, gateway) => kestrel.Limits.MaxRequestBodySize = gateway.Value.MaxBodyBytes);
    }

    /// <summary>Refuses a body that says it is too large before anybody is asked to take it; one that does not say is cut off while it is read.</summary>
    public static void UseRequestLimits(this WebApplication app)
    {
        var limit = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.MaxBodyBytes;
        app.Use((context, next) =>
        {
            if (Routes.IsUpload(context.Request))
            {
                if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                {
                    size.MaxRequestBodySize = null;
                }

                return next(context);
            }

            if (context.Request.ContentLength <= limit || context.Request.ContentLength is null || Routes.IsStream(context.Request.Path))
            {
                return next(context);
            }

            DiscardBodyAfterTheAnswer(context);
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return Task.CompletedTask;
        });
    }

    // Kestrel reads on for five seconds after an answer, unless the body is over its limit: then it closes the connection.
    private static void DiscardBodyAfterTheAnswer(HttpContext context)
    {
        // A client that asked first is told no and sends nothing.
        if (context.Request.ContentLength <= MaxDiscardedBytes
            && context.Request.Headers.Expect.Count == 0
            && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = context.Request.ContentLength;
        }
    }
}
