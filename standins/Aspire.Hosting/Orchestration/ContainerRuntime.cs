using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Hosting.Orchestration;

/// <summary>The docker or podman program.</summary>
internal static class ContainerRuntime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    public static string Name => System.Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") is { Length: > 0 } named ? named : "docker";

    /// <summary>Null when the runtime answers; otherwise why not.</summary>
    public static async Task<string?> ProblemAsync(CancellationToken cancellation)
    {
        if (Programs.OnPath(Name) is null)
        {
            return $"Container runtime '{Name}' could not be found. See https://aka.ms/aspire/containers for more details on supported container runtimes.";
        }

        return await RunAsync(Name, ["container", "ls", "--quiet", "--last", "1"], cancellation).ConfigureAwait(false)
            ? null
            : $"Container runtime '{Name}' was found but appears to be unhealthy. Ensure that {Name} is running.";
    }

    public static Task RemoveAsync(ContainerInstance container) =>
        RunAsync(container.Runtime, ["rm", "--force", "--volumes", container.Name], CancellationToken.None);

    private static async Task<bool> RunAsync(string runtime, string[] arguments, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_limit);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(runtime, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            try
            {
                var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
                await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
                await output.ConfigureAwait(false);
                return process.ExitCode == 0;
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                return false;
            }
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
