using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Api.Auditing;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Uploads;
using Sutra.Api.Ingestion.Workers;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Ingestion.Endpoints;

internal static class JobEndpoints
{
    private const int MaxPage = 1000;
    private const int DefaultPage = 50;

    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        var jobs = app.MapGroup("/api/jobs").RequireAuthorization(Permissions.Write).AddEndpointFilter<JobStoreFilter>();
        jobs.MapPost("", CreateAsync);
        jobs.MapGet("", ListAsync);
        jobs.MapGet("/{id}", GetAsync);
        jobs.MapGet("/{id}/items", ListItemsAsync);
        jobs.MapGet("/{id}/events", JobEvents.StreamAsync);
        jobs.MapPost("/{id}/pause", PauseAsync);
        jobs.MapPost("/{id}/resume", ResumeAsync);
        jobs.MapPost("/{id}/cancel", CancelAsync);
        jobs.MapPost("/{id}/retry", RetryAsync);
        jobs.MapDelete("/{id}", DeleteAsync);
    }

    /// <exception cref="ApiProblem">404.</exception>
    public static async Task<Job> FindAsync(IJobStore store, string id, CancellationToken cancellation) =>
        await store.FindAsync(id.ToLowerInvariant(), cancellation) ?? throw NotFound();

    private static async Task<JsonHttpResult<JobResponse>> CreateAsync(
        HttpContext context, JobUploads uploads, Auditor auditor, TimeProvider time, CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        var job = await uploads.ReceiveAsync(context, cancellation);
        context.Response.Headers.Location = $"/api/jobs/{job.Id}";
        return TypedResults.Json(job.ToResponse(time.GetUtcNow()), JobJson.Default.JobResponse, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<JsonHttpResult<JobListResponse>> ListAsync(
        HttpContext context, IJobStore store, TimeProvider time, CancellationToken cancellation)
    {
        var errors = new FieldErrors();
        var state = State<JobState>(context.Request, errors);
        var count = Count(context.Request, errors);
        var before = context.Request.Query["before"].ToString();
        if (before.Length > 0 && !Guid.TryParseExact(before, "N", out _))
        {
            errors.Add("before", "It is a job's id: 32 hex digits.");
        }

        errors.ThrowIfAny();
        var found = await store.ListAsync(state, before.Length > 0 ? before.ToLowerInvariant() : null, count + 1, cancellation);
        var now = time.GetUtcNow();
        return TypedResults.Json(
            new JobListResponse([.. found.Take(count).Select(job => job.ToResponse(now))], found.Count > count ? found[count - 1].Id : null),
            JobJson.Default.JobListResponse);
    }

    private static async Task<JsonHttpResult<JobResponse>> GetAsync(string id, IJobStore store, TimeProvider time, CancellationToken cancellation) =>
        Answer(await FindAsync(store, id, cancellation), time);

    private static async Task<JsonHttpResult<JobItemListResponse>> ListItemsAsync(
        string id, HttpContext context, IJobStore store, CancellationToken cancellation)
    {
        var errors = new FieldErrors();
        var state = State<ItemState>(context.Request, errors);
        var count = Count(context.Request, errors);
        var text = context.Request.Query["after"].ToString();
        if (!long.TryParse(text.Length > 0 ? text : "0", NumberStyles.None, CultureInfo.InvariantCulture, out var after))
        {
            errors.Add("after", "It is a line's number.");
        }

        errors.ThrowIfAny();
        var job = await FindAsync(store, id, cancellation);
        var found = await store.ListItemsAsync(job.Id, state, after, count + 1, cancellation);
        return TypedResults.Json(
            new JobItemListResponse([.. found.Take(count).Select(item => item.ToResponse())], found.Count > count ? found[count - 1].Line : null),
            JobJson.Default.JobItemListResponse);
    }

    private static Task<JsonHttpResult<JobResponse>> PauseAsync(string id, IJobStore store, JobSignal signal, TimeProvider time, CancellationToken cancellation) =>
        ChangeAsync(id, store, signal, time, JobRules.Paused, deadAgain: false, cancellation);

    private static Task<JsonHttpResult<JobResponse>> ResumeAsync(string id, IJobStore store, JobSignal signal, TimeProvider time, CancellationToken cancellation) =>
        ChangeAsync(id, store, signal, time, JobRules.Resumed, deadAgain: false, cancellation);

    private static Task<JsonHttpResult<JobResponse>> RetryAsync(string id, IJobStore store, JobSignal signal, TimeProvider time, CancellationToken cancellation) =>
        ChangeAsync(id, store, signal, time, JobRules.Retried, deadAgain: true, cancellation);

    private static async Task<JsonHttpResult<JobResponse>> CancelAsync(
        string id, HttpContext context, IJobStore store, JobSignal signal, Auditor auditor, IngestionTelemetry telemetry, TimeProvider time, CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        var job = await FindAsync(store, id, cancellation);
        await auditor.IntendAsync(caller, AuditActions.CancelJob, [job.Id], cancellation);
        var changed = await ChangeAsync(id, store, signal, time, open => JobRules.Cancelled(open, time.GetUtcNow()), deadAgain: false, CancellationToken.None);
        telemetry.JobChanged("cancelled");
        await auditor.RecordAsync(caller, AuditActions.CancelJob, AuditOutcomes.Ok, [job.Id], model: null, CancellationToken.None);
        return changed;
    }

    private static async Task<NoContent> DeleteAsync(
        string id, HttpContext context, IJobStore store, Spool spool, Auditor auditor, CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        var job = await FindAsync(store, id, cancellation);
        await auditor.IntendAsync(caller, AuditActions.DeleteJob, [job.Id], cancellation);
        var deleted = await store.DeleteAsync(job.Id, CancellationToken.None);
        if (deleted?.SpoolId == spool.Id)
        {
            // One that lies in another instance's folder is found there, without a job, and removed.
            spool.Remove(job.Id);
        }

        await auditor.RecordAsync(
            caller, AuditActions.DeleteJob, deleted is null ? AuditOutcomes.NotFound : AuditOutcomes.Ok, [job.Id], model: null, CancellationToken.None);
        return deleted is null ? throw NotFound() : TypedResults.NoContent();
    }

    private static async Task<JsonHttpResult<JobResponse>> ChangeAsync(
        string id, IJobStore store, JobSignal signal, TimeProvider time, Func<Job, Job?> rule, bool deadAgain, CancellationToken cancellation)
    {
        var (job, done) = await store.ChangeAsync(id.ToLowerInvariant(), rule, deadAgain, time.GetUtcNow(), cancellation) ?? throw NotFound();
        signal.Set();
        return done
            ? Answer(job, time)
            : throw new ApiProblem(
                StatusCodes.Status409Conflict,
                ProblemCodes.JobState,
                job.UploadRemoved ? "The job's upload is gone." : $"This cannot be done to a job that is {job.State.ToString().ToLowerInvariant()} and has {job.Dead} dead letters.");
    }

    private static JsonHttpResult<JobResponse> Answer(Job job, TimeProvider time) =>
        TypedResults.Json(job.ToResponse(time.GetUtcNow()), JobJson.Default.JobResponse);

    private static ApiProblem NotFound() => new(StatusCodes.Status404NotFound, ProblemCodes.JobNotFound, "There is no job with this id.");

    private static T? State<T>(HttpRequest request, FieldErrors errors)
        where T : struct, Enum
    {
        var text = request.Query["state"].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        foreach (var state in Enum.GetValues<T>())
        {
            if (text.Equals(state.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return state;
            }
        }

        errors.Add("state", $"A state is one of: {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
        return null;
    }

    private static int Count(HttpRequest request, FieldErrors errors)
    {
        var text = request.Query["limit"].ToString();
        if (text.Length == 0)
        {
            return DefaultPage;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MaxPage)
        {
            errors.Add("limit", $"A page has 1 to {MaxPage}.");
        }

        return count;
    }
}
