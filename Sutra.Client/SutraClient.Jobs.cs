using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Sutra.Client.Http;
using Sutra.Contracts.Api;

namespace Sutra.Client;

// Uploads that are learned in the background.
public sealed partial class SutraClient
{
    /// <summary>Uploads what is to be learned, of any size; it returns when the upload is on the server's disk. Not tried again.</summary>
    /// <param name="mediaType"><c>application/x-ndjson</c>, <c>text/csv</c> or <c>application/json</c> (an array), in UTF-8.</param>
    public Task<JobResponse> CreateJobAsync(Stream content, string mediaType, CreateJobOptions? options = null, CancellationToken cancellation = default)
    {
        var body = new StreamContent(content);
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return CreateJobAsync(body, options, cancellation);
    }

    /// <summary>As <see cref="CreateJobAsync(Stream, string, CreateJobOptions, CancellationToken)"/>, sent as it comes.</summary>
    public Task<JobResponse> CreateJobAsync(IAsyncEnumerable<IngestItem> items, CreateJobOptions? options = null, CancellationToken cancellation = default) =>
        CreateJobAsync(new LinesContent<IngestItem>(items, JobJson.Default.IngestItem, cancellation), options, cancellation);

    /// <summary>A page of jobs, newest first.</summary>
    /// <param name="state"><c>queued</c>, <c>running</c>, <c>paused</c>, <c>completed</c>, <c>cancelled</c> or <c>failed</c>; all when null.</param>
    /// <param name="before"><see cref="JobListResponse.Next"/> of the page before.</param>
    public Task<JobListResponse> ListJobsAsync(string? state = null, int? limit = null, string? before = null, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Get, "api/jobs".With(("state", state), ("limit", limit), ("before", before))), JobJson.Default.JobListResponse, cancellation);

    public Task<JobResponse> GetJobAsync(string id, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Get, Job(id)), JobJson.Default.JobResponse, cancellation);

    /// <summary>A page of lines that were not learned.</summary>
    /// <param name="state"><c>failed</c> (is tried again) or <c>dead</c>; both when null.</param>
    /// <param name="after"><see cref="JobItemListResponse.Next"/> of the page before.</param>
    public Task<JobItemListResponse> ListJobItemsAsync(string id, string? state = null, int? limit = null, long? after = null, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Get, $"{Job(id)}/items".With(("state", state), ("limit", limit), ("after", after))), JobJson.Default.JobItemListResponse, cancellation);

    /// <summary>A job whenever it has changed, until it has ended or is deleted. A connection that breaks is made again where it was.</summary>
    public async IAsyncEnumerable<JobResponse> FollowJobAsync(string id, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        string? seen = null;
        for (var inVain = 0; ; inVain++)
        {
            var call = new Call(HttpMethod.Get, $"{Job(id)}/events") { Accept = MediaTypes.Events, LastEventId = seen };
            using var response = await _http.OpenAsync(call, cancellation).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                yield break;
            }

            var events = await Transport.EventsOfAsync(response, cancellation).ConfigureAwait(false);
            var arriving = events.EnumerateAsync(cancellation).GetAsyncEnumerator(cancellation);
            await using (arriving.ConfigureAwait(false))
            {
                while (await NextAsync(arriving).ConfigureAwait(false) is { } item)
                {
                    if (item.EventType == "deleted")
                    {
                        yield break;
                    }

                    (seen, inVain) = (item.EventId ?? seen, 0);
                    yield return JsonSerializer.Deserialize(item.Data, JobJson.Default.JobResponse)!;
                    if (item.EventType == "end")
                    {
                        yield break;
                    }
                }
            }

            if (inVain >= _options.MaxRetries)
            {
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The job's events were cut off.");
            }

            await Task.Delay(_options.RetryDelay * (1 << inVain), _time, cancellation).ConfigureAwait(false);
        }

        static async Task<SseItem<string>?> NextAsync(IAsyncEnumerator<SseItem<string>> events)
        {
            try
            {
                return await events.MoveNextAsync().ConfigureAwait(false) ? events.Current : null;
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                return null;
            }
        }
    }

    public Task<JobResponse> PauseJobAsync(string id, CancellationToken cancellation = default) => ChangeJobAsync(id, "pause", cancellation);

    public Task<JobResponse> ResumeJobAsync(string id, CancellationToken cancellation = default) => ChangeJobAsync(id, "resume", cancellation);

    /// <summary>Ends it; what was learned stays.</summary>
    public Task<JobResponse> CancelJobAsync(string id, CancellationToken cancellation = default) => ChangeJobAsync(id, "cancel", cancellation);

    /// <summary>Tries its dead letters again.</summary>
    public Task<JobResponse> RetryJobAsync(string id, CancellationToken cancellation = default) => ChangeJobAsync(id, "retry", cancellation);

    /// <summary>Ends and forgets it; what was learned stays.</summary>
    public Task DeleteJobAsync(string id, CancellationToken cancellation = default) => _http.SendAsync(new Call(HttpMethod.Delete, Job(id)), cancellation);

    /// <summary>Makes jobs of a folder or an address, every so many minutes. Not tried again.</summary>
    public Task<ScheduleResponse> CreateScheduleAsync(ScheduleRequest request, CancellationToken cancellation = default) =>
        _http.SendAsync(
            new Call(HttpMethod.Post, "api/schedules", Transport.Json(request, JobJson.Default.ScheduleRequest)), JobJson.Default.ScheduleResponse, cancellation);

    public async Task<IReadOnlyList<ScheduleResponse>> ListSchedulesAsync(CancellationToken cancellation = default) =>
        (await _http.SendAsync(new Call(HttpMethod.Get, "api/schedules"), JobJson.Default.ScheduleListResponse, cancellation).ConfigureAwait(false)).Schedules;

    public Task<ScheduleResponse> GetScheduleAsync(string id, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Get, $"api/schedules/{Segment(id)}"), JobJson.Default.ScheduleResponse, cancellation);

    /// <summary>Ends a schedule; its jobs stay.</summary>
    public Task DeleteScheduleAsync(string id, CancellationToken cancellation = default) =>
        _http.SendAsync(new Call(HttpMethod.Delete, $"api/schedules/{Segment(id)}"), cancellation);

    private async Task<JobResponse> CreateJobAsync(HttpContent body, CreateJobOptions? options, CancellationToken cancellation)
    {
        var path = "api/jobs".With(
            ("collection", options?.Collection),
            ("owner", options?.Owner),
            ("priority", options?.Priority),
            ("content_column", options?.ContentColumn),
            ("webhook", options?.Webhook?.AbsoluteUri));

        // However long the upload takes.
        using var response = await _http.OpenAsync(new Call(HttpMethod.Post, path, body), cancellation, isUpload: true).ConfigureAwait(false);
        await using var answer = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        return (await JsonSerializer.DeserializeAsync(answer, JobJson.Default.JobResponse, cancellation).ConfigureAwait(false))!;
    }

    private Task<JobResponse> ChangeJobAsync(string id, string change, CancellationToken cancellation) =>
        _http.SendAsync(new Call(HttpMethod.Post, $"{Job(id)}/{change}"), JobJson.Default.JobResponse, cancellation);

    private static string Job(string id) => $"api/jobs/{Segment(id)}";
}
