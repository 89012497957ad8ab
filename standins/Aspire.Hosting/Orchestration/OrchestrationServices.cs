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
        services.AddSingleton(provider => Stops(provider.GetRequiredService<IConfiguration>()));
        services.AddHostedService<Orchestrator>();
        services.AddHostedService<ParentWatch>();
    }

    /// <summary>Defaults: 0.5 s doubling to 30 s; a minute of running well starts afresh.</summary>
    private static RestartPolicy Restarts(IConfiguration configuration) => new(
        Seconds(configuration["AppHost:Restart:FirstDelaySeconds"], 0.5),
        Seconds(configuration["AppHost:Restart:LongestDelaySeconds"], 30),
        Seconds(configuration["AppHost:Restart:WellAfterSeconds"], 60),
        int.TryParse(configuration["AppHost:Restart:Seed"], CultureInfo.InvariantCulture, out var seed) ? seed : null);

    private static StopPolicy Stops(IConfiguration configuration) => new(Seconds(configuration["AppHost:StopGraceSeconds"], 15));

    private static TimeSpan Seconds(string? text, double otherwise) => TimeSpan.FromSeconds(
        double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : otherwise);
}
