using System.Diagnostics;
using System.Globalization;

namespace Sutra.Cli.Lifecycle;

/// <summary>Starts a program that goes on when this one, and the terminal, have gone; its output goes to a file.</summary>
internal static class Detached
{
    // A session of its own where there is setsid, else (macOS) only deaf to the terminal's hang-up.
    private const string Script = """
        log=$1; shift
        if command -v setsid >/dev/null 2>&1; then setsid "$@" >"$log" 2>&1 </dev/null & else nohup "$@" >"$log" 2>&1 </dev/null & fi
        echo $!
        """;

    /// <summary>The pid of the program; its previous log is kept beside the new one as <c>….1</c>.</summary>
    public static int Start(ProcessStartInfo program, string log)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        if (File.Exists(log))
        {
            File.Move(log, log + ".1", overwrite: true);
        }

        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd", $"/c \"\"{program.FileName}\" \"{string.Join("\" \"", program.ArgumentList)}\" > \"{log}\" 2>&1\"") { CreateNoWindow = true }
            : new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", log, program.FileName, .. program.ArgumentList]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.WorkingDirectory = program.WorkingDirectory;
        start.Environment.Clear();
        foreach (var (name, value) in program.Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new CliException($"{start.FileName} cannot be run.");
        if (OperatingSystem.IsWindows())
        {
            return process.Id;
        }

        var pid = process.StandardOutput.ReadLine();
        process.WaitForExit();
        return int.Parse(pid ?? "", CultureInfo.InvariantCulture);
    }

    /// <summary>The last lines of a log that have something in them.</summary>
    public static IReadOnlyList<string> Tail(string log, int lines) =>
        File.Exists(log) ? [.. File.ReadLines(log).Where(line => line.Trim().Length > 0).TakeLast(lines)] : [];
}
