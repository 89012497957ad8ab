namespace Sutra.Gateway.Security;

internal static class PrivateLogs
{
    /// <summary>
    /// Silences the framework's lines that hold whole addresses: a query string is the caller's text. Traces and metrics
    /// count requests; <see cref="Errors.ProxyErrors"/> says what went wrong with one.
    /// </summary>
    public static void AddPrivateLogs(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Sutra.Gateway.Identity.ApiKeyHandler", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder.HttpForwarder", LogLevel.None);
    }
}
