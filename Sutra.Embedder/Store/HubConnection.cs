using System.Net;
using System.Net.Http.Headers;

namespace Sutra.Embedder.Store;

/// <summary>
/// Requests to the hub. Redirects are followed by hand: to https only (http only from this machine to this machine), and without the
/// token once another host is asked.
/// </summary>
internal sealed class HubConnection : IDisposable
{
    private const int MostRedirects = 5;

    private readonly HubOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public HubConnection(HubOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("sutra");
    }

    public Uri Endpoint => _options.Endpoint;

    /// <summary>The answer with its headers read and its body not; 200 or 206 only.</summary>
    /// <param name="what">Names it in messages.</param>
    /// <param name="from">First byte that is wanted; 0: all.</param>
    /// <param name="etag">What the bytes before <paramref name="from"/> are of: if it is no longer that, all of it is wanted.</param>
    /// <exception cref="PassingFailureException">It may be tried again.</exception>
    /// <exception cref="ModelStoreException">It need not be tried again.</exception>
    public async Task<HttpResponseMessage> GetAsync(Uri url, string what, long from, EntityTagHeaderValue? etag, CancellationToken cancellation)
    {
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            var response = await SendAsync(url, from, etag, cancellation);
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent)
            {
                return response;
            }

            using (response)
            {
                if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
                {
                    throw Failure(response, url, what);
                }

                url = Target(url, response.Headers.Location, what);
            }
        }

        throw new ModelStoreException($"{what}: more than {MostRedirects} redirects.");
    }

    /// <summary>Reads a small body whole.</summary>
    public async Task<byte[]> ReadAsync(HttpResponseMessage response, string what, int most, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentLength > most)
        {
            throw new ModelStoreException($"{what}: the answer has {response.Content.Headers.ContentLength} bytes; at most {most} are read.");
        }

        using var body = new MemoryStream();
        var buffer = new byte[1 << 15];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        for (int read; (read = await ReadAsync(stream, buffer, what, cancellation)) > 0;)
        {
            if (body.Length + read > most)
            {
                throw new ModelStoreException($"{what}: the answer is longer than {most} bytes.");
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>Reads some of a body; 0 at its end. A connection that is lost or silent is a <see cref="PassingFailureException"/>.</summary>
    public async Task<int> ReadAsync(Stream stream, Memory<byte> buffer, string what, CancellationToken cancellation)
    {
        using var idle = new CancellationTokenSource(_options.IdleTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellation);
        try
        {
            return await stream.ReadAsync(buffer, either.Token);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is IOException or HttpRequestException or OperationCanceledException)
        {
            throw new PassingFailureException(
                idle.IsCancellationRequested ? $"{what}: the connection was silent for {_options.IdleTimeout.TotalSeconds:0} s" : $"{what}: the connection was lost", inner: e);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri url, long from, EntityTagHeaderValue? etag, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
            request.Headers.IfRange = etag is null ? null : new RangeConditionHeaderValue(etag);
        }

        if (_options.Token is { } token && SameOrigin(url, _options.Endpoint))
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        using var idle = new CancellationTokenSource(_options.IdleTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellation);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
        {
            var reason = e is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http ? Words(http.HttpRequestError) : "no answer";
            throw new PassingFailureException($"{url.Host} cannot be reached ({reason})", inner: e);
        }
    }

    private Uri Target(Uri from, Uri? location, string what)
    {
        if (location is null || !Uri.TryCreate(from, location, out var target))
        {
            throw new ModelStoreException($"{what}: {from.Host} redirects to nowhere.");
        }

        var allowed = target.Scheme == Uri.UriSchemeHttps
            || (target.Scheme == Uri.UriSchemeHttp && target.IsLoopback && from.Scheme == Uri.UriSchemeHttp && _options.Endpoint.Scheme == Uri.UriSchemeHttp);
        return allowed && target.UserInfo.Length == 0
            ? target
            : throw new ModelStoreException($"{what}: {from.Host} redirects to {target.Scheme}://{target.Host}, which is not https; nothing was fetched from there.");
    }

    private Exception Failure(HttpResponseMessage response, Uri url, string what)
    {
        var status = (int)response.StatusCode;
        return status switch
        {
            // A storage host's signed address is good for a while only; the next attempt gets a fresh one.
            401 or 403 when !SameOrigin(url, _options.Endpoint) => new PassingFailureException($"{what}: {url.Host} answered {status}"),
            401 or 403 when _options.Token is null => new ModelStoreException(
                $"{what}: the hub answered {status}. It does not exist, or it is private or gated: accept its conditions on its page and set HF_TOKEN to a token of yours."),
            401 or 403 => new ModelStoreException($"{what}: the hub answered {status}; the token in HF_TOKEN gives no access to it."),
            404 or 410 => new ModelStoreException($"{what}: the hub has no such model, revision or file ({status})."),
            408 or 416 or 425 or 429 or >= 500 => new PassingFailureException($"{what}: {url.Host} answered {status}", RetryAfter(response)),
            _ => new ModelStoreException($"{what}: {url.Host} answered {status}."),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    private static string Words(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "its name is not known; is there a network?",
        HttpRequestError.ConnectionError => "no connection",
        HttpRequestError.SecureConnectionError => "no secure connection",
        _ => error.ToString(),
    };

    private static bool SameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
