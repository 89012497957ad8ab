using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Sutra.Api.Ingestion.Outbound;

/// <summary>The address is none that this server may be sent to.</summary>
internal sealed class ForbiddenAddressException() : Exception("The address is not public, and not among Ingestion:AllowedNetworks.");

/// <summary>
/// Calls addresses that callers gave. A name is resolved once, and what is connected to is what was checked, so that a name that means another
/// address a moment later gains nothing. No proxy, no cookies, no redirects but those that <see cref="GetAsync"/> follows.
/// </summary>
internal sealed class OutboundClient : IDisposable
{
    private const int MaxRedirects = 5;

    private readonly AddressPolicy _policy;
    private readonly TimeSpan _timeout;
    private readonly HttpClient _http;

    public OutboundClient(IOptions<IngestionOptions> options)
    {
        _policy = new AddressPolicy(options.Value.AllowedNetworks);
        _timeout = options.Value.OutboundTimeout;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = ConnectAsync,
            ConnectTimeout = _timeout,
            MaxConnectionsPerServer = 8,
            MaxResponseHeadersLength = 64,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            UseCookies = false,
            UseProxy = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Sutra");
    }

    /// <summary>Up to the answer's head, which must come in time.</summary>
    /// <exception cref="OutboundException">It does not answer, or may not be asked.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_timeout);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new OutboundException("timed_out");
        }
        catch (HttpRequestException e)
        {
            throw new OutboundException(e.InnerException is ForbiddenAddressException ? "forbidden_address" : "unreachable");
        }
    }

    /// <summary>GET, through at most five redirects, each of which is checked like the first address; never from https to http.</summary>
    /// <exception cref="OutboundException"></exception>
    public async Task<HttpResponseMessage> GetAsync(Uri address, Action<HttpRequestMessage> prepare, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            prepare(request);
            var response = await SendAsync(request, cancellation);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            {
                return response;
            }

            response.Dispose();
            var next = new Uri(address, location);
            var isSafe = next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp);
            if (redirects == MaxRedirects || !isSafe || next.UserInfo.Length > 0)
            {
                throw new OutboundException(redirects == MaxRedirects ? "too_many_redirects" : "forbidden_redirect");
            }

            address = next;
        }
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var endpoint = context.DnsEndPoint;
        var addresses = IPAddress.TryParse(endpoint.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(endpoint.Host, cancellation);

        // All of them: a name that has one public address beside one of ours is somebody's trick.
        if (addresses.Length == 0 || !Array.TrueForAll(addresses, _policy.Allows))
        {
            throw new ForbiddenAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A call to somebody else's server failed.</summary>
/// <param name="code">For programs and people: <c>timed_out</c>, <c>unreachable</c>, <c>forbidden_address</c>, <c>status_404</c>.</param>
internal sealed class OutboundException(string code) : Exception(code)
{
    public string Code { get; } = code;
}
