using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Projects;

/// <summary>Which profile of a project's Properties/launchSettings.json applies.</summary>
internal static class LaunchProfiles
{
    private static readonly JsonSerializerOptions s_options = new() { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static (string Name, LaunchProfile Profile)? Choose(IProjectMetadata project, ProjectResourceOptions options, IConfiguration configuration)
    {
        if (options.ExcludeLaunchProfile || (project.LaunchSettings ?? Read(project.ProjectPath)) is not { } settings)
        {
            return null;
        }

        if (options.LaunchProfileName is { } asked)
        {
            return settings.Profiles.TryGetValue(asked, out var profile)
                ? (asked, profile)
                : throw new DistributedApplicationException($"Launch settings file of {project.ProjectPath} does not contain '{asked}' profile.");
        }

        // The AppHost's own profile, if this project has one of that name; otherwise its first.
        var preferred = configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"];
        if (preferred is not null && settings.Profiles.TryGetValue(preferred, out var same))
        {
            return (preferred, same);
        }

        var first = settings.Profiles.FirstOrDefault(p => p.Value.CommandName == "Project");
        return first.Value is null ? null : (first.Key, first.Value);
    }

    private static LaunchSettings? Read(string projectPath)
    {
        var path = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(path), s_options);
        }
        catch (JsonException e)
        {
            throw new DistributedApplicationException($"{path} is not valid: {e.Message}", e);
        }
    }
}

internal sealed record LaunchProfileAnnotation(string Name, LaunchProfile Profile) : IResourceAnnotation;
