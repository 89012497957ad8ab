using System.Diagnostics;
using System.Globalization;

namespace Sutra.Cli.Lifecycle;

/// <summary>A running process, as the system lists it.</summary>
internal sealed record ProcessEntry(int Id, int Parent, string Command);

/// <summary>The processes of this machine: from <c>/proc</c>, else from <c>ps</c>; empty on Windows.</summary>
internal static class ProcessTable
{
    public static IReadOnlyList<ProcessEntry> Read()
    {
        if (OperatingSystem.IsWindows())
        {
            return [];
        }

        return Directory.Exists("/proc/self") ? FromProc() : FromPs();
    }

    /// <summary>The process and all its descendants, parents first.</summary>
    public static IReadOnlyList<ProcessEntry> Tree(IReadOnlyList<ProcessEntry> processes, int root)
    {
        var tree = processes.Where(process => process.Id == root).ToList();
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(processes.Where(process => process.Parent == tree[i].Id && !tree.Contains(process)));
        }

        return tree;
    }

    /// <summary>Reads a line of <c>ps -axo pid=,ppid=,command=</c>.</summary>
    public static ProcessEntry? ParsePs(string line)
    {
        var parts = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == 3
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var id)
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var parent)
            ? new ProcessEntry(id, parent, parts[2])
            : null;
    }

    private static List<ProcessEntry> FromProc()
    {
        var processes = new List<ProcessEntry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            try
            {
                // "pid (name) state ppid …", where the name may hold spaces and brackets.
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var command = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ').Trim();
                if (fields[0] != "Z")
                {
                    processes.Add(new ProcessEntry(id, int.Parse(fields[1], CultureInfo.InvariantCulture), command));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Gone meanwhile.
            }
        }

        return processes;
    }

    private static List<ProcessEntry> FromPs()
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-axo", "pid=,ppid=,command="]) { RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new CliException("ps cannot be run.");
        var lines = ps.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ps.WaitForExit();
        return [.. lines.Select(ParsePs).OfType<ProcessEntry>()];
    }
}
