using System.IO.Pipelines;
using System.Net;
using Microsoft.Extensions.Options;
using Sutra.Api.Identity;
using Sutra.Api.Ingestion.Endpoints;
using Sutra.Api.Ingestion.Outbound;
using Sutra.Api.Ingestion.Uploads;

namespace Sutra.Api.Ingestion.Schedules;

/// <summary>What an address answers becomes a job when it is not what it answered before: by ETag and Last-Modified if the server has them, by hash in any case.</summary>
internal sealed class AddressSource(OutboundClient client, UploadReceiver receiver, JobCreator creator, IOptions<IngestionOptions> options)
{
    private const string Key = "";

    public async Task<ScheduleRun> RunAsync(Schedule schedule, Caller caller, CancellationToken cancellation)
    {
        var before = schedule.Seen.GetValueOrDefault(Key);
        using var response = await client.GetAsync(new Uri(schedule.Source), Prepare, cancellation);
        if (response.StatusCode == HttpStatusCode.NotModified && before is not null)
        {
            return new ScheduleRun(ScheduleRun.Unchanged, [], schedule.Seen);
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new OutboundException($"status_{(int)response.StatusCode}");
        }

        var content = response.Content;
        if (content.Headers.ContentEncoding.Count > 0
            || JobSettings.FormatOf(content.Headers.ContentType?.ToString(), response.RequestMessage?.RequestUri?.AbsolutePath) is not { } format)
        {
            throw JobSettings.UnsupportedFormat();
        }

        if (content.Headers.ContentLength > options.Value.MaxUploadBytes)
        {
            throw receiver.TooLarge();
        }

        var id = creator.NewId();
        await using var body = new PatientStream(await content.ReadAsStreamAsync(cancellation), options.Value.OutboundTimeout);
        await using var upload = await receiver.ReceiveAsync(id, format, PipeReader.Create(body), cancellation);
        var seen = new Dictionary<string, Seen>(StringComparer.Ordinal)
        {
            [Key] = new(upload.Hash, upload.Bytes, ETag: response.Headers.ETag?.ToString(), LastModified: content.Headers.LastModified?.ToString("R")),
        };
        if (before?.Hash == upload.Hash)
        {
            return new ScheduleRun(ScheduleRun.Unchanged, [], seen);
        }

        await creator.CreateAsync(id, format, schedule.ToSettings(), upload, caller, schedule.Id, cancellation);
        return new ScheduleRun(ScheduleRun.Created, [id], seen);

        void Prepare(HttpRequestMessage request)
        {
            if (before?.ETag is { } tag)
            {
                request.Headers.TryAddWithoutValidation("If-None-Match", tag);
            }

            if (before?.LastModified is { } modified)
            {
                request.Headers.TryAddWithoutValidation("If-Modified-Since", modified);
            }
        }
    }
}
