namespace Sutra.Tests.Harness;

/// <summary>Where things are in the checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string NodeModules => Path.Combine(Root, "eng", "node", "node_modules");

    /// <summary>The built program of a project, in the configuration that the tests were built in.</summary>
    public static string Program(string project, string? assembly = null) =>
        Path.Combine(Root, "artifacts", "bin", project, new DirectoryInfo(AppContext.BaseDirectory).Name, $"{assembly ?? project}.dll");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sutra.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Sutra.sln was not found above the tests.");
    }
}
