using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Sutra.ServiceDefaults.Logs;

internal static class ConsoleLogsExtensions
{
    // Per request and per outgoing call, at level information, and with whole URLs in them.
    private static readonly string[] Chatty = ["Microsoft.AspNetCore", "System.Net.Http", "Polly", "Yarp"];

    /// <summary>
    /// One JSON object per line, UTC, with scopes (trace and span id), unless <c>Logging:Console:FormatterName</c> names another
    /// formatter. What <c>Logging:LogLevel</c> says about a category wins.
    /// </summary>
    public static void AddConsoleLogs(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["Logging:Console:FormatterName"]))
        {
            builder.Logging.AddJsonConsole();
        }

        foreach (var category in Chatty.Where(category => builder.Configuration[$"Logging:LogLevel:{category}"] is null))
        {
            builder.Logging.AddFilter(category, LogLevel.Warning);
        }

        builder.Services.PostConfigure<JsonConsoleFormatterOptions>(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
            json.TimestampFormat ??= "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
    }
}
