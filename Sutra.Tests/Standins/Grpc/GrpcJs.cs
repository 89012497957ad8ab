using System.Diagnostics;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Standins.GrpcRuntime;

/// <summary>Node.js running one of the scripts beside this file with the real @grpc/grpc-js.</summary>
internal sealed class GrpcJs : IDisposable
{
    private readonly Task<string> _errors;

    private GrpcJs(Process process)
    {
        Process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Process Process { get; }

    public static string Folder { get; } = Path.Combine(Repository.Root, "Sutra.Tests", "Standins", "Grpc");

    /// <summary>Starts the script, or ends the test as inconclusive where there is no Node.js or no grpc-js.</summary>
    public static GrpcJs Start(string script, params string[] arguments)
    {
        if (!Directory.Exists(Path.Combine(Repository.NodeModules, "@grpc", "grpc-js")))
        {
            Assert.Inconclusive("@grpc/grpc-js is not installed in eng/node: run ./sutra up or npm ci there.");
        }

        var start = new ProcessStartInfo("node")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        string[] all = [Path.Combine(Folder, script), Path.GetDirectoryName(Repository.NodeModules)!, Path.Combine(Folder, "probe.proto"), .. arguments];
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return new GrpcJs(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Inconclusive("There is no Node.js here to test against grpc-js.");
            throw;
        }
    }

    public async Task<string> ReadLineAsync(TimeSpan limit) =>
        await Process.StandardOutput.ReadLineAsync().WaitAsync(limit)
        ?? throw new InvalidOperationException($"Node.js ended: {await _errors}");

    public async Task<string> ErrorsAsync() => await _errors;

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
        }

        Process.Dispose();
    }
}
