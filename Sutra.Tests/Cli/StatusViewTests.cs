using Spectre.Console;
using Sutra.Cli.Lifecycle;

namespace Sutra.Tests.Cli;

[TestClass]
public sealed class StatusViewTests
{
    private static readonly Uri Gateway = new("http://localhost:8080/");

    [TestMethod]
    public void Every_component_is_shown_with_status_time_and_what_it_says()
    {
        var report = new HealthReport("Degraded", DateTimeOffset.UnixEpoch, 12, [
            new HealthComponent("audit", "Healthy", "PostgreSQL 15", 3.25),
            new HealthComponent("cache", "Degraded", "in-process [only]", 0.5),
        ]);

        var text = Render(appHost: 77, report, "cache: embedded\naudit: local\n");

        StringAssert.Contains(text, "Degraded (process 77)");
        StringAssert.Matches(text, new("audit +Healthy +3\\.3 +PostgreSQL 15"));
        StringAssert.Matches(text, new("cache +Degraded +0\\.5 +in-process \\[only\\]"));
        StringAssert.Contains(text, "audit: local");
    }

    [TestMethod]
    public void Nothing_there_and_something_broken_are_told_apart()
    {
        StringAssert.Contains(Render(null, null, null), "is not up");
        StringAssert.Contains(Render(77, null, null), "process 77 runs, but nothing answers");
    }

    private static string Render(int? appHost, HealthReport? report, string? infrastructure)
    {
        var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 200;
        StatusView.Write(console, Gateway, appHost, report, infrastructure);
        return writer.ToString();
    }
}
