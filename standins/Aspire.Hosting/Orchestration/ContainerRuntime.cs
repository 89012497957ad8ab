using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Hosting.Orchestration;

/// <summary>The docker or podman program.</summary>
internal static class ContainerRuntime
{
    private static readonly string[] s_variables = ["ASPIRE_CONTAINER_RUNTIME", "DOTNET_ASPIRE_CONTAINER_RUNTIME"];
    private static readonly string[] s_known = ["docker", "podman"];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private static string? s_answering;

    /// <summary>The one that the environment names, else the one that answered <see cref="ProblemAsync"/>, else docker.</summary>
    public static string Name => Named ?? Volatile.Read(ref s_answering) ?? "docker";

    private static string? Named => s_variables.Select(System.Environment.GetEnvironmentVariable).FirstOrDefault(name => name is { Length: > 0 });

    /// <summary>Asks docker, then podman, or only the one that the environment names.</summary>
    /// <returns>Null when a runtime answers, and <see cref="Name"/> is that one from then on; otherwise why not.</returns>
    public static async Task<string?> ProblemAsync(CancellationToken cancellation)
    {
        string[] installed = [.. (Named is { } named ? [named] : s_known).Where(name => Programs.OnPath(name) is not null)];
        foreach (var name in installed)
        {
            if (await RunAsync(name, ["container", "ls", "--quiet", "--last", "1"], cancellation).ConfigureAwait(false))
            {
                Volatile.Write(ref s_answering, name);
                return null;
            }
        }

        return installed is [var first, ..]
            ? $"Container runtime '{first}' was found but appears to be unhealthy. Ensure that {first} is running."
            : $"Container runtime '{Name}' could not be found. See https://aka.ms/aspire/containers for more details on supported container runtimes.";
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
