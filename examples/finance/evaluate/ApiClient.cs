using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Sutra.Contracts.Api;

namespace Sutra.Examples.Finance.Evaluate;

/// <summary>The two calls that are made. Thread-safe.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string? _collection;

    public ApiClient(Uri url, string key, string? collection)
    {
        _collection = collection;
        _http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(2) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public async Task LearnAsync(OhlcvRow row)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal) { ["content"] = OhlcvConcept.Content(row), ["metadata"] = OhlcvConcept.Metadata(row) };
        if (_collection is not null)
        {
            body["collection"] = _collection;
        }

        using var response = await PatientlyAsync(() => _http.PostAsJsonAsync("api/learn", body));
    }

    public async Task<QueryResponse> QueryAsync(string question, bool explain)
    {
        var request = new QueryRequest(question, TopK: 5, Collection: _collection, Explain: explain);
        using var response = await PatientlyAsync(() => _http.PostAsJsonAsync("api/query", request, ApiJson.Default.QueryRequest));
        return (await response.Content.ReadFromJsonAsync(ApiJson.Default.QueryResponse))!;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The gateway limits how much one asks in a minute.</summary>
    private static async Task<HttpResponseMessage> PatientlyAsync(Func<Task<HttpResponseMessage>> send)
    {
        for (var attempt = 0; ; attempt++)
        {
            var response = await send();
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (attempt == 20 || response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
                {
                    throw new HttpRequestException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
                }

                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
            }
        }
    }
}
