using System.Net;

namespace Sutra.ServiceDefaults.Telemetry;

/// <summary>
/// Answers for a collector that nobody runs. The exporter's retries keep a process from ending for its whole time-out (10 s);
/// what cannot be delivered is dropped instead. A collector that is there and busy is retried as usual.
/// </summary>
internal sealed class CollectorHandler() : DelegatingHandler(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) })
{
    public static HttpClient CreateClient() => new(new CollectorHandler());

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return base.Send(request, cancellationToken);
        }
        catch (HttpRequestException e) when (IsUnreachable(e))
        {
            return Refusal(request);
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e) when (IsUnreachable(e))
        {
            return Refusal(request);
        }
    }

    private static bool IsUnreachable(HttpRequestException error) =>
        error.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;

    // 400 and INVALID_ARGUMENT: what the protocol says must not be sent again.
    private static HttpResponseMessage Refusal(HttpRequestMessage request)
    {
        var response = new HttpResponseMessage(HttpStatusCode.BadRequest) { RequestMessage = request, Version = request.Version };
        if (request.Content?.Headers.ContentType?.MediaType == "application/grpc")
        {
            response.StatusCode = HttpStatusCode.OK;
            response.TrailingHeaders.Add("grpc-status", "3");
        }

        return response;
    }
}
