using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Sutra.Tests.ServiceDefaults;

[TestClass]
public sealed class LogsTests
{
    [TestMethod]
    public async Task Console_logs_are_JSON_unless_configuration_names_a_formatter()
    {
        await using var plain = TestService.Build();
        await using var named = TestService.Build(settings: ("Logging:Console:FormatterName", "simple"));

        Assert.AreEqual("json", Formatter(plain.Services));
        Assert.AreEqual("simple", Formatter(named.Services));
    }

    [TestMethod]
    public async Task Requests_are_not_logged_line_by_line_unless_configuration_asks_for_it()
    {
        await using var plain = TestService.Build();
        await using var asked = TestService.Build(settings: ("Logging:LogLevel:Microsoft.AspNetCore", "Information"));

        Assert.IsFalse(plain.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.AspNetCore.Hosting").IsEnabled(LogLevel.Information));
        Assert.IsTrue(asked.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.AspNetCore.Hosting").IsEnabled(LogLevel.Information));
    }

    private static string? Formatter(IServiceProvider services) =>
        services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName;
}
