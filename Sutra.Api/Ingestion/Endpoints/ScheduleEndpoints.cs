using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sutra.Api.Auditing;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Schedules;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Ingestion.Endpoints;

internal static class ScheduleEndpoints
{
    private const int MaxMinutes = 365 * 24 * 60;
    private const int MaxSource = 4096;

    public static void MapSchedules(this IEndpointRouteBuilder app)
    {
        var schedules = app.MapGroup("/api/schedules").RequireAuthorization(Permissions.Write).AddEndpointFilter<JobStoreFilter>();
        schedules.MapPost("", CreateAsync);
        schedules.MapGet("", ListAsync);
        schedules.MapGet("/{id}", GetAsync);
        schedules.MapDelete("/{id}", DeleteAsync);
    }

    public static JobSettings ToSettings(this Schedule schedule) =>
        new(schedule.Collection, schedule.Owner, schedule.Priority, schedule.ContentColumn, schedule.Webhook);

    private static async Task<JsonHttpResult<ScheduleResponse>> CreateAsync(
        HttpContext context, IJobStore store, FolderSource folders, Auditor auditor, IOptions<IngestionOptions> options, TimeProvider time, CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        var request = await JsonBody.ReadAsync(context.Request, JobJson.Default.ScheduleRequest, cancellation);
        var settings = new JobSettings(
            request.Collection, request.Owner, request.Priority ?? JobSettings.DefaultPriority, request.ContentColumn, request.Webhook);
        Check(request, settings, folders, options.Value);
        var caller = Caller.Of(context);
        var now = time.GetUtcNow();
        var schedule = new Schedule
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Subject = caller.Subject,
            Source = request.Source!,
            EveryMinutes = request.EveryMinutes!.Value,
            Collection = settings.Collection,
            Owner = settings.Owner,
            Priority = settings.Priority,
            ContentColumn = settings.ContentColumn,
            Webhook = settings.Webhook,
            CreatedAt = now,
            NextAt = now,
        };
        await auditor.IntendAsync(caller, AuditActions.CreateSchedule, [schedule.Id], cancellation);
        await store.SaveScheduleAsync(schedule, CancellationToken.None);
        await auditor.RecordAsync(caller, AuditActions.CreateSchedule, AuditOutcomes.Created, [schedule.Id], model: null, CancellationToken.None);
        context.Response.Headers.Location = $"/api/schedules/{schedule.Id}";
        return TypedResults.Json(schedule.ToResponse(), JobJson.Default.ScheduleResponse, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<JsonHttpResult<ScheduleListResponse>> ListAsync(IJobStore store, CancellationToken cancellation) =>
        TypedResults.Json(
            new ScheduleListResponse([.. (await store.ListSchedulesAsync(cancellation)).Select(schedule => schedule.ToResponse())]),
            JobJson.Default.ScheduleListResponse);

    private static async Task<JsonHttpResult<ScheduleResponse>> GetAsync(string id, IJobStore store, CancellationToken cancellation) =>
        TypedResults.Json((await store.FindScheduleAsync(id.ToLowerInvariant(), cancellation) ?? throw NotFound()).ToResponse(), JobJson.Default.ScheduleResponse);

    private static async Task<NoContent> DeleteAsync(string id, HttpContext context, IJobStore store, Auditor auditor, CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        var schedule = await store.FindScheduleAsync(id.ToLowerInvariant(), cancellation) ?? throw NotFound();
        await auditor.IntendAsync(caller, AuditActions.DeleteSchedule, [schedule.Id], cancellation);
        var deleted = await store.DeleteScheduleAsync(schedule.Id, CancellationToken.None);
        await auditor.RecordAsync(
            caller, AuditActions.DeleteSchedule, deleted ? AuditOutcomes.Ok : AuditOutcomes.NotFound, [schedule.Id], model: null, CancellationToken.None);
        return deleted ? TypedResults.NoContent() : throw NotFound();
    }

    private static void Check(ScheduleRequest request, JobSettings settings, FolderSource folders, IngestionOptions options)
    {
        var errors = new FieldErrors();
        if (request.Source is not { Length: > 0 and <= MaxSource } source)
        {
            errors.Add("source", $"A source has 1 to {MaxSource} characters.");
        }
        else if (!(Path.IsPathFullyQualified(source) ? folders.Allows(source) : JobSettings.IsAddress(source)))
        {
            errors.Add(
                "source", "A source is an http or https address without a user, or the absolute path of a folder below one of those that the server allows (Ingestion:ScheduleRoots).");
        }

        if (request.EveryMinutes is not (>= 1 and <= MaxMinutes))
        {
            errors.Add("every_minutes", $"A schedule runs every 1 to {MaxMinutes} minutes.");
        }

        settings.Check(errors, options.WebhookSecret is not null);
        errors.ThrowIfAny();
    }

    private static ApiProblem NotFound() => new(StatusCodes.Status404NotFound, ProblemCodes.ScheduleNotFound, "There is no schedule with this id.");
}
