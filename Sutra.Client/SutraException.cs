using System.Net;

namespace Sutra.Client;

/// <summary>Sutra refused a request, or could not do it: its problem details (RFC 9457).</summary>
public sealed class SutraException(HttpStatusCode status, string code, string message) : Exception(message)
{
    /// <summary>Of the answer.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>For programs, e.g. <c>concept_not_found</c>; <c>http_NNN</c> when the answer had none, as from a proxy.</summary>
    public string Code { get; } = code;

    /// <summary>What is wrong with each field, by its JSON name; empty when it is not about fields.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = new Dictionary<string, string[]>(StringComparer.Ordinal);

    /// <summary>The part of Sutra that could not do its work; null when it was none's fault.</summary>
    public string? Component { get; init; }

    /// <summary>By which the server's logs and traces know the request.</summary>
    public string? TraceId { get; init; }

    /// <summary>When to try again, where the server says so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same request may succeed later.</summary>
    public bool IsTransient => Status is
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
