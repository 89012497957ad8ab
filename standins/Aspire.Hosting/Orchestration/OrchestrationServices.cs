using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Orchestration;

internal static class OrchestrationServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<ConsoleReporter>();
        services.AddSingleton<LaunchPlanner>();
        services.AddSingleton<Watchdog>();
        services.AddSingleton(provider => Restarts(provider.GetRequiredService<IConfiguration>()));
        services.AddHostedService<Orchestrator>();
        services.AddHostedService<ParentWatch>();
    }

    /// <summary>Defaults: 0.5 s doubling to 30 s; a minute of running well starts afresh.</summary>
    private static RestartPolicy Restarts(IConfiguration configuration)
    {
        var section = configuration.GetSection("AppHost:Restart");
        return new RestartPolicy(
            Seconds("FirstDelaySeconds", 0.5),
            Seconds("LongestDelaySeconds", 30),
            Seconds("WellAfterSeconds", 60),
            int.TryParse(section["Seed"], CultureInfo.InvariantCulture, out var seed) ? seed : null);

        TimeSpan Seconds(string key, double otherwise) => TimeSpan.FromSeconds(
            double.TryParse(section[key], CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : otherwise);
    }
}
