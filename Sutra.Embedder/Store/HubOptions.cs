namespace Sutra.Embedder.Store;

/// <summary>Where models come from, and how patient and how trusting a download is.</summary>
public sealed record HubOptions
{
    public static readonly Uri DefaultEndpoint = new("https://huggingface.co");

    /// <summary>Root of the hub: https, or http on this machine.</summary>
    public Uri Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>Access token for gated and private models; sent to <see cref="Endpoint"/>'s host only, never logged.</summary>
    public string? Token { get; init; }

    /// <summary>Largest file in bytes; default 8 GiB.</summary>
    public long LargestFile { get; init; } = 8L << 30;

    /// <summary>Largest model, all files together, in bytes; default 16 GiB.</summary>
    public long LargestModel { get; init; } = 16L << 30;

    /// <summary>Failures in a row, with less than 256 KiB in between, after which a download gives up; default 6.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>Wait before the second attempt; doubles from one to the next, up to 30 s; default 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait that a server may ask for; default 5 min.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a connection may be silent; default 60 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>From the environment, as the hub's own tools: <c>HF_ENDPOINT</c>, <c>HF_TOKEN</c>.</summary>
    /// <param name="endpoint"><c>Embedder:HubEndpoint</c>; it wins over the environment.</param>
    /// <exception cref="ModelStoreException">The endpoint is no https address.</exception>
    public static HubOptions FromEnvironment(string? endpoint = null)
    {
        var text = endpoint is { Length: > 0 } ? endpoint : Environment.GetEnvironmentVariable("HF_ENDPOINT");
        var token = Environment.GetEnvironmentVariable("HF_TOKEN")?.Trim();
        return new HubOptions
        {
            Endpoint = string.IsNullOrEmpty(text) ? DefaultEndpoint : ParseEndpoint(text),
            Token = string.IsNullOrEmpty(token) ? null : token,
        };
    }

    public static Uri ParseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var endpoint)
        && (endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback))
        && endpoint.UserInfo.Length == 0 && endpoint.Query.Length == 0
            ? new Uri(endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/")
            : throw new ModelStoreException("The hub's address (Embedder:HubEndpoint, HF_ENDPOINT) must be https, without user and query; http only on this machine.");
}
