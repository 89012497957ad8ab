namespace Sutra.AppHost.Topology;

/// <summary>The words that AppHost.cs is written in, where Aspire's own would repeat themselves.</summary>
internal static class TopologyExtensions
{
    /// <summary>A secret that is made once, kept in the user secrets, and overridden by <c>Parameters:name</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddGeneratedSecret(this IDistributedApplicationBuilder builder, string name, int length) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = length, Special = false }, secret: true, persist: true);

    public static void AddPublishTarget(this IDistributedApplicationBuilder builder, PublishTarget target)
    {
        if (target == PublishTarget.Kubernetes)
        {
            builder.AddKubernetesEnvironment("k8s");
        }
        else if (target == PublishTarget.Aca)
        {
            builder.AddAzureContainerAppEnvironment("aca");
        }
    }

    /// <summary>The launch profile's port is for starting the service alone; here several applications may run side by side.</summary>
    public static IResourceBuilder<ProjectResource> OnAnyPort(this IResourceBuilder<ProjectResource> builder) =>
        builder.WithEndpoint("http", endpoint => endpoint.Port = null, createIfNotExists: false);

    /// <summary>The one fixed port; a manifest must not have it, because a deployment is reached on 80 and 443.</summary>
    public static IResourceBuilder<ProjectResource> OnPublicPort(this IResourceBuilder<ProjectResource> builder, AppHostSettings settings)
    {
        if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return builder;
        }

        return builder
            .WithEndpoint("http", endpoint => endpoint.Port = settings.Port, createIfNotExists: false)
            .WithEnvironment("Gateway__PublicUrl", builder.GetEndpoint("http"));
    }

    /// <summary>A second endpoint that speaks HTTP/2 only; the service learns its port from GRPC_PORT.</summary>
    public static IResourceBuilder<ProjectResource> WithGrpcEndpoint(this IResourceBuilder<ProjectResource> builder, int publishedPort) => builder
        .WithHttpEndpoint(
            targetPort: builder.ApplicationBuilder.ExecutionContext.IsPublishMode ? publishedPort : null,
            name: "grpc",
            env: "GRPC_PORT")
        .WithEndpoint("grpc", endpoint => endpoint.Transport = "http2");

    /// <summary>A third endpoint, where Prometheus finds the metrics and nobody anything else; the service learns its port from METRICS_PORT.</summary>
    public static IResourceBuilder<ProjectResource> WithMetricsEndpoint(this IResourceBuilder<ProjectResource> builder, int publishedPort) => builder
        .WithHttpEndpoint(
            targetPort: builder.ApplicationBuilder.ExecutionContext.IsPublishMode ? publishedPort : null,
            name: "metrics",
            env: "METRICS_PORT");

    /// <summary>
    /// A language model that may write answers, where the parameters <c>generation-endpoint</c> and <c>generation-model</c> are set, and <c>generation-key</c> where it needs one
    /// (<c>Parameters:generation-endpoint</c> in the user secrets, say). Without them nothing of it is there, in a manifest neither.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithLanguageModel(this IResourceBuilder<ProjectResource> builder)
    {
        var application = builder.ApplicationBuilder;
        if (!IsSet("generation-endpoint"))
        {
            return builder;
        }

        builder
            .WithEnvironment("Generation__Endpoint", application.AddParameter("generation-endpoint"))
            .WithEnvironment("Generation__Model", application.AddParameter("generation-model"));
        return IsSet("generation-key") ? builder.WithEnvironment("Generation__ApiKey", application.AddParameter("generation-key", secret: true)) : builder;

        bool IsSet(string name) => !string.IsNullOrWhiteSpace(application.Configuration[$"Parameters:{name}"]);
    }

    /// <summary>Of this machine only, such as a path: a deployment mounts a volume and decides itself.</summary>
    public static IResourceBuilder<ProjectResource> WithRunEnvironment(this IResourceBuilder<ProjectResource> builder, string name, string value) =>
        builder.ApplicationBuilder.ExecutionContext.IsRunMode ? builder.WithEnvironment(name, value) : builder;
}
