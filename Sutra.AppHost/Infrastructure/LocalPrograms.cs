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
            .FirstOrDefault(postgres => File.Exists(postgres) && File.Exists(Path.Combine(Path.GetDirectoryName(postgres)!, "initdb")));

    private static string? Find(string program, IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string[] SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> DebianFolders() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
        : [];
}
