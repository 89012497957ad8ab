using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Sutra.Tests.EndToEnd;
using Sutra.Tests.Harness;

namespace Sutra.Tests.AppHost;

/// <summary>A running AppHost: Sutra's, or the small one in eng/apphost-probe with the model of one scenario.</summary>
internal sealed class Probe : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly ServiceProcess _process;
    private readonly TemporaryFolder _home = new();

    private Probe(string program, IReadOnlyDictionary<string, string?> environment, string[] arguments)
    {
        if (FileVersionInfo.GetVersionInfo(Path.Combine(Path.GetDirectoryName(program)!, "Aspire.Hosting.dll")).ProductName != "Sutra")
        {
            Assert.Inconclusive("The real Aspire packages are in use: these are tests of the stand-ins.");
        }

        // Its own home, so that generated secrets are its own too.
        _process = ServiceProcess.Start(
            program,
            new Dictionary<string, string?> { ["HOME"] = _home.Path, ["DOTNET_ENVIRONMENT"] = null, ["ASPIRE_CLI_PID"] = null }
                .Concat(environment).GroupBy(e => e.Key).ToDictionary(g => g.Key, g => g.Last().Value),
            arguments);
    }

    public int Pid => _process.Process.Id;

    public string Output => _process.Output;

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r')).ToArray();

    public static Probe Start(string scenario, params string[] arguments) => Start(scenario, new Dictionary<string, string?>(), arguments);

    public static Probe Start(string scenario, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        RequireUnix();
        return new Probe(Repository.Program("Sutra.AppHostProbe"), environment, [$"scenario={scenario}", .. arguments]);
    }

    public static Probe StartSutra(params string[] arguments)
    {
        RequireUnix();
        return new Probe(Repository.Program("Sutra.AppHost"), new Dictionary<string, string?>(), arguments);
    }

    /// <summary>The first match in what it has written or writes until the limit.</summary>
    public async Task<Match> MatchAsync(string pattern)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var ended = _process.Process.HasExited;
            var match = Regex.Match(Output, pattern, RegexOptions.Multiline);
            if (match.Success)
            {
                return match;
            }

            Assert.IsFalse(ended, $"The AppHost ended before it wrote '{pattern}':\n{Output}");
            Assert.IsLessThan(s_limit, clock.Elapsed, $"'{pattern}' was not written:\n{Output}");
            await Task.Delay(20);
        }
    }

    public async Task<int> PidOfAsync(string resource) =>
        int.Parse((await MatchAsync($@"^{Regex.Escape(resource)} +> Running \(pid (\d+)\)")).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>Address of an endpoint, from the table that is printed once everything is up.</summary>
    public async Task<Uri> AddressOfAsync(string resource) =>
        new((await MatchAsync($@"^  {Regex.Escape(resource)} +Running[^h]* (http://localhost:\d+)")).Groups[1].Value);

    public void Send(int signal) => Signal.Send(Pid, signal);

    /// <summary>Waits for the AppHost's end.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            await _process.Process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The AppHost did not end:\n{Output}");
        }

        return _process.Process.ExitCode;
    }

    public IReadOnlyList<int> Descendants() => ProcessTree.DescendantsOf(Pid);

    public static async Task AssertGoneAsync(IEnumerable<int> processes)
    {
        var clock = Stopwatch.StartNew();
        var left = processes.Where(ProcessTree.IsAlive).ToArray();
        while (left.Length > 0 && clock.Elapsed < TimeSpan.FromSeconds(12))
        {
            await Task.Delay(50);
            left = [.. left.Where(ProcessTree.IsAlive)];
        }

        Assert.AreEqual("", string.Join('\n', left.Select(ProcessTree.CommandLine)), "processes left behind");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.Process.HasExited)
        {
            Send(Signal.Terminate);
            await ExitAsync();
        }

        await _process.DisposeAsync();
        _home.Dispose();
    }

    private static void RequireUnix()
    {
        if (!Directory.Exists("/proc/self"))
        {
            Assert.Inconclusive("These tests look into /proc.");
        }
    }
}
