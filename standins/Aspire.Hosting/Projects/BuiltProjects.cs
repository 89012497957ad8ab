using System.Reflection;

namespace Aspire.Hosting.Projects;

/// <summary>What the AppHost's build recorded about itself and its projects (build/Aspire.Hosting.targets).</summary>
internal static class BuiltProjects
{
    private const string TargetPrefix = "aspireprojecttarget:";

    public static string? AppHostDirectoryOf(Assembly? assembly) => Metadata(assembly, "apphostprojectpath");

    /// <summary>The program that a project was built to; null when the AppHost does not reference the project.</summary>
    public static string? TargetOf(Assembly? assembly, string projectPath) => Metadata(assembly, TargetPrefix + projectPath);

    private static string? Metadata(Assembly? assembly, string key) => assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => a.Key.Equals(key, StringComparison.Ordinal))?.Value;
}
