using System.CommandLine;
using Spectre.Console;

namespace Sutra.Cli.Lifecycle;

/// <summary><c>sutra status</c>: exit code 0 when everything is healthy, else 1.</summary>
internal static class StatusCommand
{
    public static Command Create(Func<SutraInstance> open)
    {
        var port = UpCommand.PortOption();
        var command = new Command("status", "Show whether Sutra is up and how its parts are.") { port };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var instance = open();
            var gateway = Checkout.Address(parsed.GetValue(port) ?? instance.Checkout.Port());
            var report = await instance.HealthAsync(gateway, cancellation);
            var infrastructure = File.Exists(instance.Checkout.InfrastructureFile)
                ? await File.ReadAllTextAsync(instance.Checkout.InfrastructureFile, cancellation)
                : null;
            StatusView.Write(Terminal(), gateway, AppHostProcess.Find(instance.Checkout), report, infrastructure);
            return report?.Status is "Healthy" or "Degraded" ? 0 : 1;
        });
        return command;
    }

    // Colours and the terminal's width are for terminals; a file or another program gets plain, whole lines.
    private static IAnsiConsole Terminal()
    {
        if (!Console.IsOutputRedirected)
        {
            return AnsiConsole.Console;
        }

        var plain = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        plain.Profile.Width = 500;
        return plain;
    }
}
