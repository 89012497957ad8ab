using System.CommandLine;
using System.Diagnostics;
using System.Xml.Linq;
using Sutra.Cli.Lifecycle;

namespace Sutra.Cli.Testing;

/// <summary><c>sutra test</c>: runs the built tests once; the last line is <c>N passed, N failed, N skipped</c>.</summary>
internal static class TestCommand
{
    /// <summary>What the launcher did before this program, as it wants it printed.</summary>
    public const string PhasesVariable = "SUTRA_PHASES";

    public static Command Create(Func<Checkout> find)
    {
        var filter = new Option<string?>("--filter") { Description = "Only tests that match, as in dotnet test, e.g. FullyQualifiedName~Storage." };
        var command = new Command("test", "Run the tests.") { filter };
        command.SetAction(async (parsed, cancellation) => await RunAsync(find(), parsed.GetValue(filter), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Checkout checkout, string? filter, CancellationToken cancellation)
    {
        var results = Path.Combine(checkout.TestResults, "sutra.trx");
        Directory.CreateDirectory(checkout.TestResults);
        File.Delete(results);
        var watch = Stopwatch.StartNew();
        var exitCode = await DotnetTestAsync(checkout, filter, cancellation);
        var summary = File.Exists(results) ? TrxSummary.Read(XDocument.Load(results)) : TrxSummary.Empty;

        Console.WriteLine();
        foreach (var name in summary.FailedNames)
        {
            Console.WriteLine($"failed: {name}");
        }

        foreach (var test in summary.Skipped)
        {
            Console.WriteLine($"skipped: {test.Name}: {test.Reason}");
        }

        Console.WriteLine($"{Environment.GetEnvironmentVariable(PhasesVariable)}tests {watch.Elapsed.TotalSeconds:0} s");
        Console.WriteLine(summary);
        return summary.Good && exitCode == 0 ? 0 : Math.Max(exitCode, 1);
    }

    private static async Task<int> DotnetTestAsync(Checkout checkout, string? filter, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(AppHostLaunch.Dotnet())
        {
            WorkingDirectory = checkout.Root,
            UseShellExecute = false,
        };
        foreach (var argument in Arguments(checkout, filter))
        {
            start.ArgumentList.Add(argument);
        }

        using var test = Process.Start(start) ?? throw new CliException("dotnet cannot be run.");
        await using var stop = cancellation.Register(() => Signals.Terminate(test.Id));
        await test.WaitForExitAsync(CancellationToken.None);
        return test.ExitCode;
    }

    private static IEnumerable<string> Arguments(Checkout checkout, string? filter) =>
    [
        "test", checkout.TestProject, "--configuration", "Release", "--no-build", "--nologo",
        "--results-directory", checkout.TestResults,
        "--logger", "trx;LogFileName=sutra.trx",
        "--logger", "console;verbosity=normal",
        .. filter is null ? Array.Empty<string>() : ["--filter", filter],
    ];
}
