namespace Sutra.Tests.Api.Client;

/// <summary>What was asked of it.</summary>
/// <param name="What">Method, path and query string.</param>
internal sealed record Asked(string What, string Body, string? Key, string? LastEventId, string? Authorization);

/// <summary>A server in the client's own process.</summary>
/// <param name="answer">By how many requests there were before.</param>
internal sealed class Server(Func<int, HttpResponseMessage> answer) : HttpMessageHandler
{
    public List<Asked> Requests { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add(new Asked(
            $"{request.Method} {request.RequestUri!.PathAndQuery}",
            request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken),
            Header("Idempotency-Key"),
            Header("Last-Event-ID"),
            request.Headers.Authorization?.ToString()));
        return answer(Requests.Count - 1);

        string? Header(string name) => request.Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }
}
