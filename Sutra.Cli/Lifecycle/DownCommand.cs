using System.CommandLine;
using System.Diagnostics;

namespace Sutra.Cli.Lifecycle;

/// <summary><c>sutra down</c>.</summary>
internal static class DownCommand
{
    public static Command Create(Func<SutraInstance> open)
    {
        var command = new Command("down", "Stop Sutra and wait until nothing of it is left.");
        command.SetAction(async (_, _) =>
        {
            using var instance = open();
            var watch = Stopwatch.StartNew();
            Console.WriteLine(await instance.StopAsync() ? $"stopped in {watch.Elapsed.TotalSeconds:0.0} s" : "Sutra is not up.");
            return 0;
        });
        return command;
    }
}
