using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Sutra.Contracts.Api;

namespace Sutra.Bench.Query;

/// <summary>The calls that are made. Thread-safe.</summary>
internal sealed class SutraSystem : IDisposable
{
    private readonly HttpClient _http;
    private readonly Options _options;

    public SutraSystem(Options options)
    {
        _options = options;
        _http = new HttpClient { BaseAddress = options.Url, Timeout = TimeSpan.FromMinutes(5) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadAllText(options.KeyFile).Trim());
    }

    /// <summary>As a bulk job into a new collection; returns when all is learned.</summary>
    public async Task FillAsync(IEnumerable<Concept> concepts)
    {
        var watch = Stopwatch.StartNew();
        using (var created = await _http.PostAsJsonAsync("api/collections", new { name = _options.Collection }))
        {
            created.EnsureSuccessStatusCode();
        }

        using var upload = new StringContent(string.Join('\n', concepts.Select(concept => JsonSerializer.Serialize(concept, JsonSerializerOptions.Web))));
        upload.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var taken = await _http.PostAsync($"api/jobs?collection={_options.Collection}", upload);
        taken.EnsureSuccessStatusCode();
        using var events = await _http.GetStreamAsync($"api/jobs/{(await taken.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()}/events");
        using var reader = new StreamReader(events);
        var last = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            last = line.StartsWith("data:", StringComparison.Ordinal) ? line[5..] : last;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"filled in {watch.Elapsed.TotalSeconds:F0} s: {last.Trim()}"));
    }

    /// <returns>False: it was no answer of 200.</returns>
    public async Task<bool> AskAsync(string question)
    {
        using var response = await _http.PostAsJsonAsync("api/query", new QueryRequest(question, Collection: _options.Collection), ApiJson.Default.QueryRequest);
        await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode;
    }

    /// <summary>A request that the gateway answers itself: what the client, the machine and the gateway take for anything.</summary>
    public async Task<bool> TouchAsync()
    {
        using var response = await _http.GetAsync("alive");
        await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode;
    }

    public void Dispose() => _http.Dispose();
}
