using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Spectre.Console;
using Sutra.Cli.ModelCommands;
using Sutra.ServiceDefaults.Startup;
using Sutra.Storage.Collections;
using Sutra.Storage.Engine;

namespace Sutra.Cli.StorageCommands;

/// <summary><c>sutra verify</c>: reads every byte of what is stored and compares it with itself. Changes nothing.</summary>
internal static class VerifyCommand
{
    /// <param name="defaultData">The storage's data folder unless <c>--data</c> or <c>Storage__DataPath</c> says otherwise.</param>
    public static Command Create(string defaultData)
    {
        var data = new Option<string?>("--data") { Description = "The storage's data folder; default: Storage__DataPath, else .sutra/data/storage. Nobody may have it open." };
        var command = new Command("verify", "Check all stored concepts: checksums, ids, vectors, words, graphs. Exit code 1 when something is wrong. Sealed data needs the storage's environment.") { data };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed.GetValue(data), defaultData, Terminal.Console(), cancellation)));
        return command;
    }

    internal static int Run(string? data, string defaultData, IAnsiConsole console, CancellationToken cancellation)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var folder = data ?? configuration["Storage:DataPath"] ?? defaultData;
        try
        {
            var good = true;
            var found = OfflineVerification.Run(configuration, Path.GetFullPath(folder), cancellation);
            foreach (var (name, report) in found.Collections)
            {
                Write(console, name, report);
                good &= report.Faults.Count == 0;
            }

            foreach (var note in found.Notes)
            {
                console.WriteLine($"note: {note}");
            }

            return good ? 0 : 1;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("sutra verify: stopped; nothing was found so far, and not all was read.");
            return 130;
        }
        catch (StartupException e)
        {
            Console.Error.WriteLine($"sutra verify: {e.Message}{(e.InnerException is Sutra.Storage.Files.FileLockedException ? " Stop it first: ./sutra down" : "")}");
            return 1;
        }
    }

    private static void Write(IAnsiConsole console, string name, VerificationReport report)
    {
        var counts = string.Create(CultureInfo.InvariantCulture, $"{report.Concepts:n0} concepts, {report.Segments} segments, {report.Bytes / 1e6:n1} MB read");
        if (report.Faults.Count == 0)
        {
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[green]✓[/] {name}: {counts}");
            return;
        }

        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[red]✗[/] {name}: {counts}, {report.Faults.Count} faults");
        foreach (var fault in report.Faults)
        {
            console.WriteLine($"  {fault}");
        }
    }
}
