using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;

namespace Sutra.Cli.Lifecycle;

/// <summary><c>sutra up</c>.</summary>
internal static class UpCommand
{
    public static Command Create(Func<SutraInstance> open)
    {
        var detach = new Option<bool>("--detach", "-d") { Description = "Start in the background and return when everything is healthy." };
        var port = PortOption();
        var command = new Command("up", "Start Sutra; Ctrl-C stops it.") { detach, port };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var instance = open();
            if (parsed.GetValue(detach))
            {
                await instance.StartDetachedAsync(parsed.GetValue(port), cancellation);
                return 0;
            }

            return await RunAsync(instance, parsed.GetValue(port), cancellation);
        });
        return command;
    }

    public static Option<int?> PortOption()
    {
        var port = new Option<int?>("--port") { Description = "The public port; default 8080.", CustomParser = ParsePort };
        return port;
    }

    private static int? ParsePort(ArgumentResult argument)
    {
        if (int.TryParse(argument.Tokens.Single().Value, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue)
        {
            return port;
        }

        argument.AddError($"--port {argument.Tokens.Single().Value} is not a port (1-65535).");
        return null;
    }

    private static async Task<int> RunAsync(SutraInstance instance, int? port, CancellationToken cancellation)
    {
        if (AppHostProcess.Find(instance.Checkout) is { } running)
        {
            Console.WriteLine($"Sutra is already up at {Checkout.Address(instance.Checkout.Port())} (process {running}); ./sutra down stops it.");
            return 0;
        }

        var (gateway, start) = instance.Prepare(port);

        // The AppHost ends by itself should this process be killed: nobody would be left to stop it.
        start.Environment["ASPIRE_CLI_PID"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var watch = Stopwatch.StartNew();
        var announcement = new Announcement(instance.Checkout);
        using var appHost = Process.Start(start) ?? throw new CliException("dotnet cannot be run.");

        // Ctrl-C reaches the AppHost by itself from a terminal, a signal to this process alone does not; asked twice, it stops once.
        await using var stop = cancellation.Register(() => Signals.Terminate(appHost.Id));
        var ready = AnnounceAsync(instance, announcement, gateway, appHost, watch, cancellation);
        await appHost.WaitForExitAsync(CancellationToken.None);
        await ready;
        return cancellation.IsCancellationRequested ? 0 : appHost.ExitCode;
    }

    private static async Task AnnounceAsync(
        SutraInstance instance,
        Announcement announcement,
        Uri gateway,
        Process appHost,
        Stopwatch watch,
        CancellationToken cancellation)
    {
        try
        {
            await instance.WaitUntilHealthyAsync(gateway, () => !appHost.HasExited, cancellation);
            await announcement.WriteAsync(Console.Out, gateway, watch.Elapsed);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop before it was ready.
        }
        catch (CliException e)
        {
            await Console.Error.WriteLineAsync($"sutra: {e.Message}");
        }
    }
}
