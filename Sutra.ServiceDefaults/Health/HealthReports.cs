using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Sutra.ServiceDefaults.Health;

/// <summary>Runs the checks of a tag at most once per <see cref="HealthOptions.CacheFor"/>, however many probes ask.</summary>
internal sealed partial class HealthReports(
    HealthCheckService checks,
    IOptions<HealthOptions> options,
    TimeProvider time,
    ILogger<HealthReports> logger)
{
    private readonly ConcurrentDictionary<string, HealthStatus> _known = new();
    private readonly Dictionary<string, Run> _runs = [];
    private readonly Lock _lock = new();

    /// <summary>The report and the moment it was begun; shared by everybody who asks meanwhile.</summary>
    public Task<TimedReport> GetAsync(string tag)
    {
        lock (_lock)
        {
            if (_runs.TryGetValue(tag, out var run)
                && (!run.Report.IsCompleted || time.GetElapsedTime(run.Ended()) < options.Value.CacheFor))
            {
                return run.Report;
            }

            // Not the asker's cancellation token: others wait for the same run, and each check has its own limit.
            run = new Run(Task.Run(() => RunAsync(tag)), time);
            _runs[tag] = run;
            return run.Report;
        }
    }

    private async Task<TimedReport> RunAsync(string tag)
    {
        // Probes are not traced, nor is what they cause.
        using var untraced = SuppressInstrumentationScope.Begin();
        var timestamp = time.GetUtcNow();
        var report = await checks.CheckHealthAsync(registration => registration.Tags.Contains(tag), CancellationToken.None);
        foreach (var (name, entry) in report.Entries)
        {
            var before = _known.GetValueOrDefault(name, HealthStatus.Healthy);
            if (_known.TryAdd(name, entry.Status) ? entry.Status != HealthStatus.Healthy : before != entry.Status)
            {
                _known[name] = entry.Status;
                Log.Changed(logger, name, before, entry.Status, entry.Description);
            }
        }

        return new TimedReport(report, timestamp);
    }

    private sealed class Run
    {
        private long _ended;

        public Run(Task<TimedReport> report, TimeProvider time)
        {
            Report = EndAsync(report, time);
        }

        public Task<TimedReport> Report { get; }

        public long Ended() => Interlocked.Read(ref _ended);

        private async Task<TimedReport> EndAsync(Task<TimedReport> report, TimeProvider time)
        {
            try
            {
                return await report;
            }
            finally
            {
                Interlocked.Exchange(ref _ended, time.GetTimestamp());
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Warning, "Health of {Component}: {Before} → {Now} ({Description})")]
        public static partial void Changed(ILogger logger, string component, HealthStatus before, HealthStatus now, string? description);
    }
}

/// <summary>A report and when its checks were begun.</summary>
internal sealed record TimedReport(HealthReport Report, DateTimeOffset Timestamp);
