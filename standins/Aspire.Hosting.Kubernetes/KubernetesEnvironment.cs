using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace Aspire.Hosting.Kubernetes
{
    /// <summary>A cluster to publish to, which only the real package can.</summary>
    public sealed class KubernetesEnvironmentResource(string name) : Resource(name), IComputeEnvironmentResource;
}

namespace Aspire.Hosting
{
    public static class KubernetesEnvironmentExtensions
    {
        /// <summary>In run mode it is not part of the application.</summary>
        public static IResourceBuilder<KubernetesEnvironmentResource> AddKubernetesEnvironment(this IDistributedApplicationBuilder builder, string name)
        {
            var environment = new KubernetesEnvironmentResource(name);
            return builder.ExecutionContext.IsRunMode ? builder.CreateResourceBuilder(environment) : builder.AddResource(environment);
        }
    }
}
