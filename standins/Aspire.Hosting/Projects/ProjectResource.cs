using System.Text.Json.Serialization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A .NET project, run from its build output.</summary>
    public class ProjectResource(string name)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport,
        IResourceWithProbes, IComputeResource, IContainerFilesDestinationResource;
}

namespace Aspire.Hosting
{
    public interface IProjectMetadata : IResourceAnnotation
    {
        /// <summary>Absolute path of the project file.</summary>
        string ProjectPath { get; }

        LaunchSettings? LaunchSettings => null;

        bool SuppressBuild => false;
    }

    public class ProjectResourceOptions
    {
        public string? LaunchProfileName { get; set; }

        public bool ExcludeLaunchProfile { get; set; }
    }

    public sealed class LaunchSettings
    {
        [JsonPropertyName("profiles")]
        public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];
    }

    public sealed class LaunchProfile
    {
        [JsonPropertyName("commandName")]
        public string? CommandName { get; set; }

        [JsonPropertyName("applicationUrl")]
        public string? ApplicationUrl { get; set; }

        [JsonPropertyName("commandLineArgs")]
        public string? CommandLineArgs { get; set; }

        [JsonPropertyName("environmentVariables")]
        public Dictionary<string, string> EnvironmentVariables { get; set; } = [];
    }
}
