using System.Diagnostics;

namespace Sutra.Tests.Harness;

/// <summary>A built program of ours, run as a process of its own, so that a test can kill it.</summary>
internal sealed class ServiceProcess : ChildProcess
{
    private ServiceProcess(ProcessStartInfo start)
        : base(start)
    {
    }

    /// <summary>Starts <c>dotnet program.dll args</c>; the environment is added to this process's own.</summary>
    public static ServiceProcess Start(string program, IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        StartProgram("dotnet", environment, [program, .. arguments]);

    /// <summary>Starts any program, as <see cref="Start"/>.</summary>
    public static ServiceProcess StartProgram(string program, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true };

        // A process that is killed leaves its debugger's pipes and ONNX Runtime's log in the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["ORT_DISABLE_TELEMETRY"] = "1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ServiceProcess(start);
    }

    /// <summary>Waits until <paramref name="url"/> answers 200; fails with the process's output when it ends or takes too long.</summary>
    /// <param name="limit">Default 30 s.</param>
    public async Task WaitForOkAsync(string url, TimeSpan? limit = null)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await WaitForAsync(
            async () =>
            {
                using var response = await http.GetAsync(url);
                response.EnsureSuccessStatusCode();
            },
            limit ?? TimeSpan.FromSeconds(30));
    }
}
