using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sutra.Client.Http;

/// <summary>One call of the API.</summary>
/// <param name="Path">Below the base address, with its query string.</param>
internal sealed record Call(HttpMethod Method, string Path, HttpContent? Content = null)
{
    /// <summary>What may happen twice: everything that reads, sets or deletes, and what says so.</summary>
    public bool MayRepeat { get; init; } = Method != HttpMethod.Post;

    /// <summary>By which the server tells a second try from a second request.</summary>
    public string? IdempotencyKey { get; init; }

    public string? Accept { get; init; }

    /// <summary>Of the last server-sent event that was seen.</summary>
    public string? LastEventId { get; init; }

    /// <summary>Answers that are no problem although they are none of success.</summary>
    public Func<HttpResponseMessage, bool> Takes { get; init; } = response => response.IsSuccessStatusCode;
}

/// <summary>Sends calls and reads answers; problems become exceptions.</summary>
/// <param name="timeout">Of a call; of a stream until it begins.</param>
internal sealed class Transport(HttpClient http, TimeSpan timeout, TimeProvider time)
{
    public Uri? BaseAddress => http.BaseAddress;

    public static HttpContent Json<T>(T value, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type));
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.Json) { CharSet = "utf-8" };
        return content;
    }

    /// <summary>The answer, read to its end.</summary>
    public Task<T> SendAsync<T>(Call call, JsonTypeInfo<T> type, CancellationToken cancellation) => WithinAsync(
        async limited =>
        {
            using var response = await OpenCoreAsync(call, limited).ConfigureAwait(false);
            await using var body = await response.Content.ReadAsStreamAsync(limited).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, type, limited).ConfigureAwait(false)
                ?? throw new SutraException(response.StatusCode, "no_answer", "The answer is null.");
        },
        cancellation);

    /// <summary>Only that it was done.</summary>
    public Task SendAsync(Call call, CancellationToken cancellation) => WithinAsync(
        async limited =>
        {
            using var response = await OpenCoreAsync(call, limited).ConfigureAwait(false);
            return true;
        },
        cancellation);

    /// <summary>The answer as soon as it begins; whoever calls disposes it.</summary>
    /// <param name="isUpload">It begins when the body was sent, which takes as long as it takes.</param>
    public Task<HttpResponseMessage> OpenAsync(Call call, CancellationToken cancellation, bool isUpload = false) =>
        isUpload ? OpenCoreAsync(call, cancellation) : WithinAsync(limited => OpenCoreAsync(call, limited), cancellation);

    /// <summary>An answer of lines, as they arrive.</summary>
    public async IAsyncEnumerable<T> LinesAsync<T>(
        Call call, JsonTypeInfo<T> type, bool isUpload, [EnumeratorCancellation] CancellationToken cancellation)
        where T : class
    {
        using var response = await OpenAsync(call with { Accept = MediaTypes.Lines }, cancellation, isUpload).ConfigureAwait(false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (line.Length > 0 && JsonSerializer.Deserialize(line, type) is { } item)
            {
                yield return item;
            }
        }
    }

    public static async Task<SseParser<string>> EventsOfAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        SseParser.Create(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await work(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"Sutra did not answer within {timeout}.", e);
        }
    }

    private async Task<HttpResponseMessage> OpenCoreAsync(Call call, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(call.Method, call.Path) { Content = call.Content };
        request.Options.Set(RetryHandler.MayRepeat, call.MayRepeat);
        if (call.Accept is { } accept)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        if (call.IdempotencyKey is { } key)
        {
            request.Headers.Add(RetryHandler.IdempotencyKey, key);
        }

        if (call.LastEventId is { } last)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (call.Takes(response))
        {
            return response;
        }

        using (response)
        {
            throw await ProblemReader.ReadAsync(response, cancellation).ConfigureAwait(false);
        }
    }
}
