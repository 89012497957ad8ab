using Microsoft.Extensions.Options;
using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Collections;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Parsing;
using Sutra.Api.Ingestion.Uploads;
using Sutra.Api.Ingestion.Workers;

namespace Sutra.Api.Ingestion.Endpoints;

/// <summary>Puts a job on record whose upload is on disk.</summary>
internal sealed class JobCreator(
    IJobStore store, Spool spool, CollectionDirectory collections, Auditor auditor, IngestionTelemetry telemetry, JobSignal signal, TimeProvider time)
{
    public string NewId() => Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    /// <summary>Refuses a collection that is not there; while nobody can say, it is taken for there, and the job finds out.</summary>
    /// <exception cref="ApiProblem">404.</exception>
    public async Task CheckCollectionAsync(string? collection, Caller caller, CancellationToken cancellation)
    {
        try
        {
            if (collection is not null)
            {
                await collections.FindAsync(collection, caller, cancellation);
            }
        }
        catch (ComponentException)
        {
            // The storage is away. An upload is taken all the same.
        }
    }

    /// <exception cref="ApiProblem">400: a CSV's header is wrong. 503.</exception>
    public async Task<Job> CreateAsync(
        string id, JobFormat format, JobSettings settings, ReceivedUpload upload, Caller caller, string? scheduleId, CancellationToken cancellation)
    {
        if (format == JobFormat.Csv && CsvHeader.Parse(upload.ReadHeader(), settings.ContentColumn) is null)
        {
            throw ApiProblem.Invalid(
                "content_column", "The first line must name each column once, and the one that holds the content: `content`, or what content_column says.");
        }

        var job = new Job
        {
            Id = id,
            Format = format,
            Subject = caller.Subject,
            SpoolId = spool.Id,
            Collection = settings.Collection,
            Owner = settings.Owner,
            Priority = settings.Priority,
            ContentColumn = settings.ContentColumn,
            Webhook = settings.Webhook,
            WebhookState = settings.Webhook is null ? WebhookState.None : WebhookState.Waiting,
            ScheduleId = scheduleId,
            Bytes = upload.Bytes,
            HeaderBytes = upload.HeaderBytes,
            Items = upload.Items,
            Ranges = upload.Ranges.Count,
            RangesLeft = upload.Ranges.Count,
            CreatedAt = time.GetUtcNow(),
            Version = 1,
        };
        await auditor.IntendAsync(caller, AuditActions.CreateJob, [id], cancellation);
        await store.CreateAsync(job, upload.Ranges, CancellationToken.None);
        await upload.TakeAsync();
        telemetry.JobChanged("created");
        signal.Set();
        await auditor.RecordAsync(caller, AuditActions.CreateJob, AuditOutcomes.Created, [id], model: null, CancellationToken.None);
        return job;
    }
}
