using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Sutra.Client.Http;
using Sutra.Contracts.Api;

namespace Sutra.Client;

// Asking.
public sealed partial class SutraClient
{
    /// <summary>Asks a question.</summary>
    public Task<QueryResponse> QueryAsync(QueryRequest request, CancellationToken cancellation = default) =>
        _http.SendAsync(Question(request with { Stream = false }), ApiJson.Default.QueryResponse, cancellation);

    /// <inheritdoc cref="QueryAsync(QueryRequest, CancellationToken)"/>
    public Task<QueryResponse> QueryAsync(string query, CancellationToken cancellation = default) => QueryAsync(new QueryRequest(query), cancellation);

    /// <summary>Asks a question: evidence, the answer part by part, and all of it, as they come. Leaving the loop ends the server's work.</summary>
    public async IAsyncEnumerable<QueryEvent> QueryStreamAsync(QueryRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var response = await _http.OpenAsync(Question(request with { Stream = true }) with { Accept = MediaTypes.Events }, cancellation).ConfigureAwait(false);
        var events = await Transport.EventsOfAsync(response, cancellation).ConfigureAwait(false);
        IReadOnlyList<Evidence> evidence = [];
        await foreach (var item in events.EnumerateAsync(cancellation).ConfigureAwait(false))
        {
            switch (item.EventType)
            {
                case "evidence":
                    evidence = JsonSerializer.Deserialize(item.Data, ApiJson.Default.QueryEvidenceEvent)!.Evidence;
                    yield return new QueryEvidence(evidence);
                    break;
                case "answer":
                    yield return new QueryAnswerPart(JsonSerializer.Deserialize(item.Data, ApiJson.Default.QueryAnswerEvent)!.Text);
                    break;
                case "done":
                    // It leaves out what was sent before.
                    yield return new QueryDone(JsonSerializer.Deserialize(item.Data, ApiJson.Default.QueryResponse)! with { Evidence = evidence });
                    yield break;
                case "error":
                    using (var problem = JsonDocument.Parse(item.Data))
                    {
                        throw ProblemReader.Read(problem.RootElement, HttpStatusCode.InternalServerError, retryAfter: null);
                    }

                default:
                    // Of a newer server.
                    break;
            }
        }

        throw new HttpRequestException(HttpRequestError.ResponseEnded, "The answer was cut off.");
    }

    private static Call Question(QueryRequest request) =>
        new(HttpMethod.Post, "api/query", Transport.Json(request, ApiJson.Default.QueryRequest)) { MayRepeat = true };
}
