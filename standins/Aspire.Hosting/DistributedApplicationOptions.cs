namespace Aspire.Hosting;

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>Assembly that names the projects and the user secrets; default: the entry assembly.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>Where appsettings.json is; default: the AppHost project's folder.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>True: a resource whose dependency is gone fails instead of waiting for ever.</summary>
    public bool DisableDashboard { get; set; }
}
