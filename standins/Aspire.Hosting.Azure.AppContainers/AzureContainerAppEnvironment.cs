using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure.AppContainers;

namespace Aspire.Hosting.Azure.AppContainers
{
    /// <summary>A Container Apps environment to publish to, which only the real package can.</summary>
    public class AzureContainerAppEnvironmentResource(string name) : Resource(name), IComputeEnvironmentResource;
}

namespace Aspire.Hosting
{
    public static class AzureContainerAppExtensions
    {
        /// <summary>In run mode it is not part of the application.</summary>
        public static IResourceBuilder<AzureContainerAppEnvironmentResource> AddAzureContainerAppEnvironment(this IDistributedApplicationBuilder builder, string name)
        {
            var environment = new AzureContainerAppEnvironmentResource(name);
            return builder.ExecutionContext.IsRunMode ? builder.CreateResourceBuilder(environment) : builder.AddResource(environment);
        }
    }
}
