using System.Net;
using System.Net.Http.Headers;
using Sutra.Client.Http;

namespace Sutra.Client;

/// <summary>
/// The API of Sutra. Every member may be called by any thread at any time. All throw <see cref="SutraException"/> when the server refuses or fails,
/// <see cref="HttpRequestException"/> when it cannot be reached, <see cref="TimeoutException"/> when it takes too long, and
/// <see cref="OperationCanceledException"/> when the call is cancelled.
/// </summary>
public sealed partial class SutraClient : IDisposable
{
    private readonly HttpClient _client;
    private readonly Transport _http;
    private readonly SutraClientOptions _options;
    private readonly TimeProvider _time;

    /// <summary>With connections of its own, that are kept: make one and keep it.</summary>
    /// <exception cref="InvalidOperationException">An option is missing or wrong.</exception>
    public SutraClient(SutraClientOptions options)
        : this(options, new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), AutomaticDecompression = DecompressionMethods.All }, TimeProvider.System)
    {
    }

    /// <summary>With an HTTP client of somebody else's: its address, key, retries and time limit are theirs.</summary>
    public SutraClient(HttpClient client)
        : this(client, new SutraClientOptions { Timeout = Timeout.InfiniteTimeSpan }, TimeProvider.System)
    {
    }

    internal SutraClient(SutraClientOptions options, HttpMessageHandler handler, TimeProvider time)
        : this(Configure(new HttpClient(new RetryHandler(options.Checked(), time) { InnerHandler = handler }), options), options, time)
    {
    }

    internal SutraClient(HttpClient client, SutraClientOptions options, TimeProvider time)
    {
        (_client, _options, _time) = (client, options, time);
        _http = new Transport(client, options.Timeout, time);
    }

    /// <summary>Where the server is.</summary>
    public Uri? BaseAddress => _client.BaseAddress;

    public void Dispose() => _client.Dispose();

    /// <summary>Address, key and name; the time limit is <see cref="Transport"/>'s, as a stream takes as long as it takes.</summary>
    internal static HttpClient Configure(HttpClient client, SutraClientOptions options)
    {
        var address = options.BaseAddress!.AbsoluteUri;
        client.BaseAddress = address.EndsWith('/') ? options.BaseAddress : new Uri(address + "/");
        client.Timeout = Timeout.InfiniteTimeSpan;
        client.DefaultRequestHeaders.UserAgent.ParseAdd("Sutra.Client");
        if (!string.IsNullOrEmpty(options.ApiKey))
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        }

        return client;
    }

    private static string Segment(string value) => Paths.Segment(value);

    private static string NewKey() => Guid.NewGuid().ToString("N");
}
