using System.Diagnostics;
using System.Globalization;

namespace Sutra.Cli.Lifecycle;

/// <summary>Finds the running AppHost of a checkout by its pid file, and makes sure that it is one: pids are given out again.</summary>
internal static class AppHostProcess
{
    private const string Name = "Sutra.AppHost";

    /// <summary>Its pid; null when none runs.</summary>
    public static int? Find(Checkout checkout)
    {
        if (ReadPid(checkout.PidFile) is not { } pid || pid == Environment.ProcessId)
        {
            return null;
        }

        if (OperatingSystem.IsWindows())
        {
            return IsWindowsAppHost(pid, File.GetLastWriteTimeUtc(checkout.PidFile)) ? pid : null;
        }

        return ProcessTable.Read().FirstOrDefault(process => process.Id == pid) is { } entry && IsAppHost(entry.Command, WorkingFolder(pid), checkout.Root)
            ? pid
            : null;
    }

    /// <summary>True when a command line is that of this checkout's AppHost: its program by full path, or by a path relative to the working folder.</summary>
    public static bool IsAppHost(string command, string? workingFolder, string root)
    {
        foreach (var word in command.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Path.GetFileNameWithoutExtension(word);
            if (name != Name && Path.GetFileName(word) != Name)
            {
                continue;
            }

            var path = Path.IsPathRooted(word) ? word : workingFolder is null ? null : Path.Combine(workingFolder, word);
            if (path is not null && IsInside(Path.GetFullPath(path), root))
            {
                return true;
            }
        }

        return false;
    }

    public static int? ReadPid(string file)
    {
        try
        {
            return int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 1 ? pid : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static bool IsInside(string path, string root) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string? WorkingFolder(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/cwd", returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Command lines of others cannot be read there: a dotnet process that started before the pid file was written will do.
    private static bool IsWindowsAppHost(int pid, DateTime written)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.ProcessName is "dotnet" or Name && process.StartTime.ToUniversalTime() <= written.AddSeconds(1);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
