using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Sutra.Gateway.Security;

/// <summary>Headers that every answer carries, whoever wrote it; a service's own values do not count.</summary>
internal static class SecurityHeaders
{
    // Nothing from elsewhere, nothing inline, no framing, and (trusted types) no way to turn a string into script or markup.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private const string PermissionsPolicy =
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()";

    private const string OneYear = "max-age=31536000; includeSubDomains";

    private static readonly string[] Untold = [HeaderNames.Server, "X-Powered-By"];

    public static void UseSecurityHeaders(this WebApplication app)
    {
        var strictTransport = app.Environment.IsProduction();
        var publicUrl = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.PublicUrl;
        app.Use((context, next) =>
        {
            // Behind a proxy that ends TLS the request itself is http; then the public address decides.
            var hsts = strictTransport && (context.Request.IsHttps || publicUrl.Scheme == Uri.UriSchemeHttps);
            context.Response.OnStarting(static state =>
            {
                var (response, hsts) = ((HttpResponse, bool))state;
                Apply(response, hsts);
                return Task.CompletedTask;
            }, (context.Response, hsts));
            return next(context);
        });
    }

    private static void Apply(HttpResponse response, bool hsts)
    {
        var headers = response.Headers;
        foreach (var name in Untold)
        {
            headers.Remove(name);
        }

        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = PermissionsPolicy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (hsts)
        {
            headers.StrictTransportSecurity = OneYear;
        }

        // What was learned, and what is answered from it, is kept in no cache on the way.
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store";
        }
    }
}
