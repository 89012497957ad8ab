namespace Sutra.Client;

/// <summary>How to reach Sutra.</summary>
public sealed class SutraClientOptions
{
    /// <summary>Of the gateway, e.g. <c>https://sutra.example.com</c>; required.</summary>
    public Uri? BaseAddress { get; set; }

    /// <summary>Sent as <c>Authorization: Bearer</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>How long a call may take, with its retries; default 100 s. Of a stream: until it begins.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>How often a request is tried again, 0 to 20; default 4. 0 where another handler does it, such as the standard one of an Aspire application.</summary>
    public int MaxRetries { get; set; } = 4;

    /// <summary>The median pause before the first retry; each further one is twice as long; default 200 ms. Where the server says how long to wait, that counts.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause; a server that asks for a longer one is not asked again. Default 30 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <exception cref="InvalidOperationException">An option is missing or wrong.</exception>
    internal SutraClientOptions Checked()
    {
        Require(BaseAddress is { IsAbsoluteUri: true, Scheme: "http" or "https" }, nameof(BaseAddress), "must be an absolute http or https address");
        Require(Timeout > TimeSpan.Zero, nameof(Timeout), "must be positive");
        Require(MaxRetries is >= 0 and <= 20, nameof(MaxRetries), "must be 0 to 20");
        Require(RetryDelay >= TimeSpan.Zero && RetryDelay <= MaxRetryDelay, nameof(RetryDelay), "must be positive, and at most MaxRetryDelay");
        Require(MaxRetryDelay <= TimeSpan.FromDays(1), nameof(MaxRetryDelay), "must be at most a day");
        return this;

        static void Require(bool condition, string option, string rule)
        {
            if (!condition)
            {
                throw new InvalidOperationException($"{nameof(SutraClientOptions)}.{option} {rule}.");
            }
        }
    }
}
