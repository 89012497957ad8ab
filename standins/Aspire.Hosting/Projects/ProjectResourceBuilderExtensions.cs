using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Projects;

namespace Aspire.Hosting;

public static class ProjectResourceBuilderExtensions
{
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, _ => { });

    /// <param name="launchProfileName">Null: no launch profile, and no endpoints from it.</param>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, options =>
        {
            options.ExcludeLaunchProfile = launchProfileName is null;
            options.LaunchProfileName = launchProfileName;
        });

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), configure);

    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        Add(builder, name, new ProjectAt(Path.GetFullPath(Path.Combine(builder.AppHostDirectory, projectPath))), _ => { });

    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static IResourceBuilder<ProjectResource> Add(
        IDistributedApplicationBuilder builder, string name, IProjectMetadata project, Action<ProjectResourceOptions> configure)
    {
        var options = new ProjectResourceOptions();
        configure(options);
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation(project);
        var profile = LaunchProfiles.Choose(project, options, builder.Configuration);
        resource.Resource.Annotations.Add(new EnvironmentCallbackAnnotation(
            context => ProjectEnvironment.AddTelemetry(context, builder.Configuration, builder.Environment)));
        if (profile is { } chosen)
        {
            resource.WithAnnotation(new LaunchProfileAnnotation(chosen.Name, chosen.Profile));
            AddEndpoints(resource.Resource, chosen.Profile, builder.ExecutionContext.IsPublishMode);
        }

        resource.WithEnvironment(context => ProjectEnvironment.AddUrls(context));
        resource.WithEnvironment(context => ProjectEnvironment.AddLaunchProfile(context, profile));
        return resource;
    }

    /// <summary>Run: the profile's addresses with their ports. Publish: http and https without ports, which the target decides.</summary>
    private static void AddEndpoints(ProjectResource resource, LaunchProfile profile, bool publish)
    {
        foreach (var url in (profile.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(url.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal), UriKind.Absolute, out var address))
            {
                throw new DistributedApplicationException($"The launch profile of '{resource.Name}' has an applicationUrl that is no address: {url}");
            }

            resource.Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, address.Scheme, name: address.Scheme, port: publish || address.Port == 0 ? null : address.Port));
        }

        var schemes = resource.Annotations.OfType<EndpointAnnotation>().Select(e => e.UriScheme).ToHashSet();
        if (publish && schemes.Count > 0)
        {
            foreach (var missing in new[] { "http", "https" }.Where(s => !schemes.Contains(s)))
            {
                resource.Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, missing) { IsInvented = missing == "https" });
            }
        }
    }

    private sealed class ProjectAt(string path) : IProjectMetadata
    {
        public string ProjectPath => path;
    }
}
