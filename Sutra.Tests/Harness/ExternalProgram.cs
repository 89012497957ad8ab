namespace Sutra.Tests.Harness;

/// <summary>Programs that some tests need and that a machine may lack.</summary>
internal static class ExternalProgram
{
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    public static string? FindPostgres() => Find("postgres") ?? (Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin", "postgres")).LastOrDefault(File.Exists)
        : null);
}
