namespace Aspire.Hosting.Orchestration;

/// <summary>Everything needed to start one process.</summary>
/// <param name="Container">Name of the container that the process runs, if it runs one: killing the process alone would leave it.</param>
internal sealed record LaunchPlan(
    string Command,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment,
    ContainerInstance? Container = null);

internal sealed record ContainerInstance(string Runtime, string Name);
