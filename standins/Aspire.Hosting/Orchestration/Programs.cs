using System.Runtime.InteropServices;

namespace Aspire.Hosting.Orchestration;

/// <summary>Where programs are.</summary>
internal static class Programs
{
    private static readonly Lazy<string?> s_setsid = new(() => OnPath("setsid"));

    /// <summary>The dotnet program that runs this one, or the one that an apphost would find.</summary>
    public static string Dotnet
    {
        get
        {
            var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
            if (Path.GetFileName(System.Environment.ProcessPath) == name)
            {
                return System.Environment.ProcessPath!;
            }

            // <root>/shared/Microsoft.NETCore.App/<version>/
            var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
            return File.Exists(Path.Combine(root, name)) ? Path.Combine(root, name) : name;
        }
    }

    /// <summary>Words in front of a command that put it into a session and a process group of its own.</summary>
    public static IReadOnlyList<string> InOwnSession() => OperatingSystem.IsWindows()
        ? []
        : s_setsid.Value is { } setsid ? [setsid] : ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh"];

    public static string? Find(string command, string workingDirectory)
    {
        if (command.Contains('/', StringComparison.Ordinal) || command.Contains('\\', StringComparison.Ordinal))
        {
            var path = Path.GetFullPath(Path.Combine(workingDirectory, command));
            return File.Exists(path) ? path : null;
        }

        return OnPath(command);
    }

    public static string? OnPath(string command)
    {
        var extensions = OperatingSystem.IsWindows() ? new[] { "", ".exe", ".cmd", ".bat" } : [""];
        return (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => extensions.Select(extension => Path.Combine(folder, command + extension)))
            .FirstOrDefault(File.Exists);
    }
}
