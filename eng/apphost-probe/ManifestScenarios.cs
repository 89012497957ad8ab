namespace Sutra.AppHostProbe;

/// <summary>Models that exist to be published.</summary>
internal static class ManifestScenarios
{
    public static void Build(string scenario, IDistributedApplicationBuilder builder)
    {
        var web = Scenarios.Project(builder, "web");
        switch (scenario)
        {
            case "manifest":
                Complete(builder, web);
                break;
            case "manifest-executable":
                Scenarios.Shell(builder, "tool", "true");
                break;
            case "manifest-executable-excluded":
                Scenarios.Shell(builder, "tool", "true").ExcludeFromManifest();
                break;
            case "manifest-external-tcp":
                builder.AddContainer("store", "store", "1").WithEndpoint(targetPort: 5000, name: "tcp", isExternal: true);
                break;
            case "manifest-port":
                web.WithEndpoint("http", e => e.Port = 5080);
                break;
            case "manifest-secret-argument":
                web.WithArgs("--password", builder.AddParameter("password", secret: true).Resource);
                break;
            case "manifest-dangling":
                var excluded = Scenarios.Shell(builder, "tool", "true").WithEndpoint(targetPort: 1234, name: "tcp").ExcludeFromManifest();
                web.WithEnvironment("TOOL", $"{excluded.GetEndpoint("tcp").Property(EndpointProperty.HostAndPort)}");
                break;
            case "manifest-no-endpoint":
                web.WithEnvironment("ADDRESS", web.GetEndpoint("absent"));
                break;
            case "manifest-callback-fails":
                web.WithEnvironment(_ => throw new InvalidOperationException("the callback's own words"));
                break;
            case "manifest-two-problems":
                Scenarios.Shell(builder, "tool", "true");
                builder.AddContainer("store", "store", "1").WithEndpoint(name: "tcp");
                break;
            default:
                throw new DistributedApplicationException($"There is no scenario '{scenario}'.");
        }
    }

    private static void Complete(IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> web)
    {
        var model = builder.AddParameter("model", "models/small", publishValueAsDefault: true);
        var needed = builder.AddParameter("needed");
        var redis = builder.AddRedis("cache");
        web.WithReference(redis)
            .WithEnvironment("MODEL", model)
            .WithEnvironment("NEEDED", needed)
            .WithEnvironment("BRACES", "{literal}")
            .WithEnvironment("BOTH", $"{{literal}} {model}")
            .WithHttpEndpoint(name: "admin")
            .WithArgs("--number", 7)
            .WithReplicas(3)
            .WaitFor(redis);
    }
}
