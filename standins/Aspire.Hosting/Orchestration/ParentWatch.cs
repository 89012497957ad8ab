using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>Ends the application when the process in ASPIRE_CLI_PID, which started it, is gone.</summary>
internal sealed class ParentWatch(IConfiguration configuration, IHostApplicationLifetime lifetime, ConsoleReporter reporter, TimeProvider time)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!int.TryParse(configuration["ASPIRE_CLI_PID"], CultureInfo.InvariantCulture, out var parent))
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        do
        {
            if (!Exists(parent))
            {
                reporter.Notice($"The process {parent} that started this application is gone: stopping.");
                lifetime.StopApplication();
                return;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private static bool Exists(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
