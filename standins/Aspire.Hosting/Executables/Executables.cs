using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A program on this machine.</summary>
    public class ExecutableResource(string name, string command, string workingDirectory)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
    {
        public string Command { get; } = command;

        public string WorkingDirectory { get; } = workingDirectory;
    }
}

namespace Aspire.Hosting
{
    public static class ExecutableResourceBuilderExtensions
    {
        /// <param name="workingDirectory">Absolute, or relative to the AppHost's folder.</param>
        public static IResourceBuilder<ExecutableResource> AddExecutable(
            this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args) =>
            builder.AddExecutable(name, command, workingDirectory, (object[]?)args);

        public static IResourceBuilder<ExecutableResource> AddExecutable(
            this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params object[]? args)
        {
            var folder = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, workingDirectory));
            return builder.AddResource(new ExecutableResource(name, command, folder)).WithArgs(args ?? []);
        }
    }
}
