using System.Globalization;
using Microsoft.Extensions.Options;
using Sutra.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Sutra.Gateway.Errors;

/// <summary>Turns what went wrong between gateway and service into the status that tells the caller what to do about it.</summary>
internal static partial class ProxyErrors
{
    public static void UseProxyErrors(this IReverseProxyApplicationBuilder proxy)
    {
        var time = proxy.ApplicationServices.GetRequiredService<TimeProvider>();
        var retryAfter = proxy.ApplicationServices.GetRequiredService<IOptions<GatewayOptions>>().Value.RetryAfter;
        var logger = proxy.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProxyErrors).FullName!);
        proxy.Use(async (context, next) =>
        {
            var (asked, started) = (time.GetUtcNow(), time.GetTimestamp());
            await next(context);
            if (context.GetForwarderErrorFeature() is not { } error || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            var route = context.GetReverseProxyFeature().Route.Config.RouteId;
            if (context.Response.HasStarted)
            {
                Log.Broke(logger, route, error.Error, Cause(error.Exception));
                return;
            }

            context.Response.StatusCode = StatusOf(error) ?? context.Response.StatusCode;
            Log.Failed(logger, route, context.Response.StatusCode, error.Error, Cause(error.Exception));
            if (context.Response.StatusCode == StatusCodes.Status503ServiceUnavailable || route == Routes.Health)
            {
                context.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            if (route == Routes.Health)
            {
                await HealthReport.WriteAsync(context, asked, time.GetElapsedTime(started));
            }
        });
    }

    /// <returns>Null when YARP's own status is the right one.</returns>
    private static int? StatusOf(IForwarderErrorFeature error) => error.Error switch
    {
        ForwarderError.NoAvailableDestinations => StatusCodes.Status503ServiceUnavailable,

        // Nothing was sent, so the caller may safely try again: not the 502 of an answer that went wrong, nor the 504 of one that is late.
        ForwarderError.Request or ForwarderError.RequestTimedOut when WasNotReached(error.Exception) => StatusCodes.Status503ServiceUnavailable,
        ForwarderError.RequestBodyClient when error.Exception is BadHttpRequestException bad => bad.StatusCode,
        ForwarderError.RequestBodyDestination when WasGivenUp(error.Exception) => StatusCodes.Status504GatewayTimeout,
        ForwarderError.Request or ForwarderError.RequestCreation or ForwarderError.RequestBodyDestination => StatusCodes.Status502BadGateway,
        ForwarderError.RequestTimedOut => StatusCodes.Status504GatewayTimeout,
        _ => null,
    };

    private static bool WasNotReached(Exception? exception) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => true,

        // How SocketsHttpHandler says that its ConnectTimeout is over.
        OperationCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };

    // The caller is still there, so it was the activity timeout that cancelled the sending of the body.
    private static bool WasGivenUp(Exception? exception) => exception switch
    {
        AggregateException several => several.InnerExceptions.Any(WasGivenUp),
        _ => exception is OperationCanceledException,
    };

    private static string Cause(Exception? exception) => exception switch
    {
        null => "none",
        HttpRequestException http => http.HttpRequestError.ToString(),
        _ => exception.GetType().Name,
    };

    private static partial class Log
    {
        [LoggerMessage(4101, LogLevel.Warning, "Route {Route} answered {Status}: {Error} ({Cause})")]
        public static partial void Failed(ILogger logger, string route, int status, ForwarderError error, string cause);

        [LoggerMessage(4102, LogLevel.Warning, "Route {Route} broke off in the middle of an answer: {Error} ({Cause})")]
        public static partial void Broke(ILogger logger, string route, ForwarderError error, string cause);
    }
}
