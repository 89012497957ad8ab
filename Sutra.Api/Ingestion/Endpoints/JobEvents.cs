using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Workers;
using Sutra.Contracts.Api;

namespace Sutra.Api.Ingestion.Endpoints;

/// <summary>
/// A job's progress as server-sent events. Each has all there is to know, so nothing is missed when some are; its id is the job's version, and a client
/// that comes back with the last one it saw waits for the next.
/// </summary>
internal static class JobEvents
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    // Often enough for whatever ends connections that say nothing.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(15);

    public static async Task StreamAsync(
        string id, HttpContext context, IJobStore store, TimeProvider time, IHostApplicationLifetime lifetime, CancellationToken cancellation)
    {
        var job = await JobEndpoints.FindAsync(store, id, cancellation);
        var seen = LastSeen(context.Request);
        if (!job.IsOpen && seen == job.Version)
        {
            // There will be no more: this tells a browser not to come back.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        try
        {
            await StreamAsync(context.Response, store, time, job, seen, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client went, or we stop: it comes back with the last id.
        }
    }

    private static async Task StreamAsync(
        HttpResponse response, IJobStore store, TimeProvider time, Job job, long? seen, CancellationToken cancellation)
    {
        var rate = new RecentRate();
        var written = time.GetTimestamp();
        while (true)
        {
            var now = time.GetUtcNow();
            var recent = rate.Add(now, job.Learned);
            if (job.Version != seen)
            {
                await WriteAsync(response, job, job.ToResponse(now, job.IsOpen ? recent : null), cancellation);
                (seen, written) = (job.Version, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(written) > s_silence)
            {
                await response.WriteAsync(":\n\n", cancellation);
                await response.Body.FlushAsync(cancellation);
                written = time.GetTimestamp();
            }

            if (!job.IsOpen)
            {
                return;
            }

            // Not at every change: a job has many a second.
            await Task.Delay(s_interval, time, cancellation);
            if (await store.FindAsync(job.Id, cancellation) is not { } next)
            {
                await response.WriteAsync("event: deleted\ndata: {}\n\n", cancellation);
                return;
            }

            job = next;
        }
    }

    private static async Task WriteAsync(HttpResponse response, Job job, JobResponse progress, CancellationToken cancellation)
    {
        var name = job.IsOpen ? "progress" : "end";
        var data = JsonSerializer.Serialize(progress, JobJson.Default.JobResponse);
        await response.WriteAsync($"id: {job.Version.ToString(CultureInfo.InvariantCulture)}\nevent: {name}\ndata: {data}\n\n", cancellation);
        await response.Body.FlushAsync(cancellation);
    }

    private static long? LastSeen(HttpRequest request) =>
        long.TryParse(request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Concepts a second over the last ten seconds or so.</summary>
    private sealed class RecentRate
    {
        private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

        private readonly Queue<(DateTimeOffset Time, long Learned)> _samples = new();

        public double? Add(DateTimeOffset now, long learned)
        {
            _samples.Enqueue((now, learned));
            while (_samples.Count > 2 && now - _samples.Peek().Time > s_window)
            {
                _samples.Dequeue();
            }

            var (time, before) = _samples.Peek();
            return now > time ? (learned - before) / (now - time).TotalSeconds : null;
        }
    }
}
