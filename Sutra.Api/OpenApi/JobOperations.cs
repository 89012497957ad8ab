using Sutra.Contracts.Api;

namespace Sutra.Api.OpenApi;

/// <summary>The bulk ingester.</summary>
internal static class JobOperations
{
    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        new("createJob", "POST", "/api/jobs", "Takes an upload of any size, which is learned in the background.", 202)
        {
            Description = "The parameters may be given as headers (`x-job-collection`...) or as fields of the form, too.",
            Body = new ApiContent(typeof(IngestItem), ApiContent.Lines, ApiContent.Json, "text/csv", ApiContent.Form) { IsList = true },
            Example = """{"content":"The kettle boils in three minutes.","metadata":{"source":"manual"}}""",
            Answer = ApiContent.JsonOf<JobResponse>(),
            Parameters =
            [
                ApiParameter.Collection,
                ApiParameter.Owner,
                new ApiParameter("priority", typeof(int), "0 (last) to 9 (first); default 5."),
                new ApiParameter("content_column", typeof(string), "The column of a CSV that holds the content; default content."),
                new ApiParameter("webhook", typeof(string), "An http or https address that is told of the job's end."),
            ],
        },
        new("listJobs", "GET", "/api/jobs", "Jobs, newest first.")
        {
            Answer = ApiContent.JsonOf<JobListResponse>(),
            Parameters =
            [
                new ApiParameter("state", typeof(string), "queued, running, paused, completed, cancelled or failed."),
                ApiParameter.Limit,
                new ApiParameter("before", typeof(string), "Only older ones than this job's id."),
            ],
        },
        new("getJob", "GET", "/api/jobs/{id}", "A job and how far it is.") { Answer = ApiContent.JsonOf<JobResponse>() },
        new("listJobItems", "GET", "/api/jobs/{id}/items", "Lines of a job that were not learned, and why.")
        {
            Answer = ApiContent.JsonOf<JobItemListResponse>(),
            Parameters =
            [
                new ApiParameter("state", typeof(string), "failed (is tried again) or dead."),
                ApiParameter.Limit,
                new ApiParameter("after", typeof(int), "Only later lines than this."),
            ],
        },
        new("followJob", "GET", "/api/jobs/{id}/events", "How far a job is, as it goes on.")
        {
            Description = "Server-sent events `progress`, and `end` as the last one, each with the job as getJob answers it; `deleted` when it is. 204: there will be no more.",
            Answer = new ApiContent(typeof(JobResponse), ApiContent.Events),
            Parameters = [new ApiParameter("Last-Event-ID", typeof(string), "Of the last event that was seen.", IsHeader: true)],
        },
        new("pauseJob", "POST", "/api/jobs/{id}/pause", "Pauses a job.") { Answer = ApiContent.JsonOf<JobResponse>(), Problems = [409] },
        new("resumeJob", "POST", "/api/jobs/{id}/resume", "Goes on with a job.") { Answer = ApiContent.JsonOf<JobResponse>(), Problems = [409] },
        new("cancelJob", "POST", "/api/jobs/{id}/cancel", "Ends a job; what was learned stays.") { Answer = ApiContent.JsonOf<JobResponse>(), Problems = [409] },
        new("retryJob", "POST", "/api/jobs/{id}/retry", "Tries a job's dead letters again.") { Answer = ApiContent.JsonOf<JobResponse>(), Problems = [409] },
        new("deleteJob", "DELETE", "/api/jobs/{id}", "Ends and forgets a job; what was learned stays.", 204),
        new("createSchedule", "POST", "/api/schedules", "Makes jobs of a folder or an address, every so many minutes.", 201)
        {
            Body = ApiContent.JsonOf<ScheduleRequest>(),
            Example = """{"source":"https://example.com/notes.ndjson","every_minutes":60}""",
            Answer = ApiContent.JsonOf<ScheduleResponse>(),
            Problems = [404],
        },
        new("listSchedules", "GET", "/api/schedules", "All schedules.") { Answer = ApiContent.JsonOf<ScheduleListResponse>() },
        new("getSchedule", "GET", "/api/schedules/{id}", "A schedule.") { Answer = ApiContent.JsonOf<ScheduleResponse>() },
        new("deleteSchedule", "DELETE", "/api/schedules/{id}", "Ends a schedule; its jobs stay.", 204),
    ];
}
