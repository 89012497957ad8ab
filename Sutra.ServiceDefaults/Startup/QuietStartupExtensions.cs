using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sutra.ServiceDefaults.Startup;

internal static class QuietStartupExtensions
{
    /// <summary>
    /// The host and Kestrel log a start-up failure with its whole stack trace before they throw it; <see cref="StartupError"/>
    /// says it in one line. So their errors are not logged until the service has started.
    /// </summary>
    public static void AddQuietStartup(this IHostApplicationBuilder builder)
    {
        var gate = new Gate();
        builder.Services.AddSingleton(gate);
        builder.Services.AddHostedService<Opener>();
        foreach (var category in new[] { "Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel" })
        {
            builder.Logging.AddFilter(category, level => level >= LogLevel.Information && (gate.Started || level < LogLevel.Error));
        }
    }

    private sealed class Gate
    {
        private volatile bool _started;

        public bool Started
        {
            get => _started;
            set => _started = value;
        }
    }

    private sealed class Opener(Gate gate) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            gate.Started = true;
            return Task.CompletedTask;
        }

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
