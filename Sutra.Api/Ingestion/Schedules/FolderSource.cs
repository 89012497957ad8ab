using System.IO.Pipelines;
using Microsoft.Extensions.Options;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Ingestion.Endpoints;
using Sutra.Api.Ingestion.Uploads;

namespace Sutra.Api.Ingestion.Schedules;

/// <summary>Files of one folder: each that is new or has changed becomes a job.</summary>
internal sealed class FolderSource(UploadReceiver receiver, JobCreator creator, IOptions<IngestionOptions> options, TimeProvider time)
{
    private const int MaxFiles = 1000;

    // A file that was changed just now may still be being written.
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(5);

    /// <summary>Whether schedules may read it.</summary>
    public bool Allows(string folder) => Directory.Exists(folder) && RealPath.IsBelow(folder, options.Value.ScheduleRoots);

    public async Task<ScheduleRun> RunAsync(Schedule schedule, Caller caller, CancellationToken cancellation)
    {
        if (!Allows(schedule.Source))
        {
            return new ScheduleRun("forbidden_folder", [], schedule.Seen);
        }

        var seen = new Dictionary<string, Seen>(StringComparer.Ordinal);
        var jobs = new List<string>();
        var result = ScheduleRun.Unchanged;
        foreach (var file in Files(schedule.Source))
        {
            var before = schedule.Seen.GetValueOrDefault(file.Name);
            if (before is not null)
            {
                seen[file.Name] = before;
            }

            if ((before?.Size == file.Length && before.ModifiedTicks == file.LastWriteTimeUtc.Ticks) || time.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc < s_settle)
            {
                continue;
            }

            try
            {
                var (now, job) = await ReadAsync(schedule, file, before, caller, cancellation);
                seen[file.Name] = now;
                if (job is not null)
                {
                    jobs.Add(job);
                }
            }
            catch (ApiProblem e) when (e.Status < StatusCodes.Status500InternalServerError)
            {
                // What is wrong with one file is not with the next.
                result = e.Code;
            }
        }

        return new ScheduleRun(jobs.Count > 0 ? ScheduleRun.Created : result, jobs, seen);
    }

    private static IEnumerable<FileInfo> Files(string folder) => new DirectoryInfo(folder)
        .EnumerateFiles("*", new EnumerationOptions { AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint })
        .Where(file => JobSettings.FormatOf(contentType: null, file.Name) is not null)
        .OrderBy(file => file.Name, StringComparer.Ordinal)
        .Take(MaxFiles);

    private async Task<(Seen Now, string? Job)> ReadAsync(Schedule schedule, FileInfo file, Seen? before, Caller caller, CancellationToken cancellation)
    {
        await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, useAsync: true);

        // After it was opened: a link that took the file's place in the meantime leads elsewhere.
        if (!RealPath.IsBelow(file.FullName, options.Value.ScheduleRoots) || new FileInfo(file.FullName).LinkTarget is not null)
        {
            throw new ApiProblem(StatusCodes.Status403Forbidden, "forbidden_folder", "The file is not below a folder that schedules may read.");
        }

        var id = creator.NewId();
        var format = JobSettings.FormatOf(contentType: null, file.Name)!.Value;
        await using var upload = await receiver.ReceiveAsync(id, format, PipeReader.Create(stream), cancellation);
        var now = new Seen(upload.Hash, file.Length, file.LastWriteTimeUtc.Ticks);
        if (before?.Hash == upload.Hash)
        {
            return (now, null);
        }

        await creator.CreateAsync(id, format, schedule.ToSettings(), upload, caller, schedule.Id, cancellation);
        return (now, id);
    }
}
