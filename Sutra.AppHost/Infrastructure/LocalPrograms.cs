namespace Sutra.AppHost.Infrastructure;

/// <summary>Servers installed on this machine. The scripts that run them need a Unix shell.</summary>
internal static class LocalPrograms
{
    /// <summary>Path of redis-server; null: none.</summary>
    public static string? Redis => OperatingSystem.IsWindows() ? null : Find("redis-server", SearchPath());

    /// <summary>Path of postgres where initdb is beside it, on the PATH or where Debian puts it; null: none.</summary>
    public static string? Postgres => OperatingSystem.IsWindows()
        ? null
        : SearchPath().Concat(DebianFolders()).Select(folder => Path.Combine(folder, "postgres"))
            .FirstOrDefault(postgres => IsThere(postgres) && IsThere(Path.Combine(Path.GetDirectoryName(postgres)!, "initdb")));

    private static string? Find(string program, IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(IsThere);

    // File.Exists says yes to a link whose target is gone.
    private static bool IsThere(string path) => File.Exists(path) && new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is null or { Exists: true };

    private static string[] SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> DebianFolders() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
        : [];
}
