using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Sutra.Examples.Documentation;

/// <summary>A running Sutra, through its gateway.</summary>
internal sealed class Server : IDisposable
{
    private readonly HttpClient _http;

    public Server(Uri address, string key)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <returns>How many pieces it has.</returns>
    public async Task<int> LearnAsync(string path)
    {
        var name = Uri.EscapeDataString(Path.GetFileName(path));
        using var body = new StringContent(await File.ReadAllTextAsync(path), Encoding.UTF8, "text/markdown");
        using var response = await _http.PostAsync($"/api/documents?name={name}", body);
        var document = (await ReadAsync(response)).GetProperty("documents")[0];
        return document.GetProperty("errors").GetArrayLength() == 0
            ? document.GetProperty("chunks").GetInt32()
            : throw new InvalidOperationException($"{name}: {document.GetProperty("errors")}");
    }

    /// <returns>File and section of the best, best first.</returns>
    public async Task<IReadOnlyList<(string File, string? Section)>> AskAsync(string question, int count)
    {
        using var response = await _http.PostAsJsonAsync("/api/query", new { query = question, top_k = count });
        return [.. (await ReadAsync(response)).GetProperty("evidence").EnumerateArray().Select(evidence => evidence.GetProperty("metadata")).Select(metadata =>
            (Text(metadata, "source") ?? "", Text(metadata, "section")))];
    }

    public void Dispose() => _http.Dispose();

    private static string? Text(JsonElement metadata, string name) => metadata.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(body).RootElement
            : throw new InvalidOperationException($"{(int)response.StatusCode} {body}");
    }
}
