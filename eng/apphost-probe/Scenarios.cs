using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sutra.AppHostProbe;

internal static class Scenarios
{
    public static void Build(string scenario, IDistributedApplicationBuilder builder)
    {
        switch (scenario)
        {
            case "waits":
                Waits(builder);
                break;
            case "crash":
                Shell(builder, "fragile", "echo started; exit 3").WithEndpoint(name: "tcp");
                Shell(builder, "steady", "sleep 1000");
                break;
            case "job":
                Shell(builder, "job", "exit 0");
                Shell(builder, "after", "echo ran; sleep 1000").WaitForCompletion(Shell(builder, "broken", "exit 7"));
                break;
            case "family":
                Family(builder);
                break;
            case "stubborn":
                Shell(builder, "stubborn", "trap '' TERM INT; while :; do sleep 1; done");
                break;
            case "taken":
                Shell(builder, "bystander", "echo started; sleep 1000");
                Shell(builder, "server", "sleep 1000").WithEndpoint(port: int.Parse(builder.Configuration["Taken"]!), scheme: "http", name: "http");
                break;
            case "missing":
                builder.AddParameter("needed");
                Shell(builder, "bystander", "echo started; sleep 1000");
                break;
            case "unknown-program":
                builder.AddExecutable("ghost", "no-such-program-anywhere", ".");
                break;
            case "parameters":
                Parameters(builder);
                break;
            case "web":
                Web(builder);
                break;
            case "replicas":
                Project(builder, "web").WithReplicas(3).WithHttpHealthCheck("/health", endpointName: "http");
                break;
            case "containers":
                Containers(builder);
                break;
            default:
                ManifestScenarios.Build(scenario, builder);
                break;
        }
    }

    internal static IResourceBuilder<ProjectResource> Project(IDistributedApplicationBuilder builder, string name) =>
        builder.AddProject(name, "Sutra.AppHostProbe.csproj");

    internal static IResourceBuilder<ExecutableResource> Shell(IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "/bin/sh", ".", "-c", script);

    private static string Folder(IDistributedApplicationBuilder builder) => builder.Configuration["Folder"]!;

    /// <summary>second waits until first is healthy, which it is once its file is there; third waits for second to start.</summary>
    private static void Waits(IDistributedApplicationBuilder builder)
    {
        var file = Path.Combine(Folder(builder), "ready");
        builder.Services.AddHealthChecks().AddCheck("file", () => File.Exists(file) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("no file"));
        var first = Shell(builder, "first", $"sleep 0.7; echo making; touch '{file}'; sleep 1000").WithHealthCheck("file");
        var second = Shell(builder, "second", $"test -e '{file}' && echo file is there; sleep 1000").WaitFor(first);
        Shell(builder, "third", "echo here; echo and here >&2; sleep 1000").WaitForStart(second);
        Shell(builder, "free", "echo at once; sleep 1000");
    }

    /// <summary>Each writes its name when it is told to end; a grandchild sleeps in the background.</summary>
    private static void Family(IDistributedApplicationBuilder builder)
    {
        var log = Path.Combine(Folder(builder), "ended");
        string Script(string name) => $"trap 'echo {name} >> {log}; exit 0' TERM; sleep 1000 & while :; do sleep 0.1; done";
        var database = Shell(builder, "database", Script("database"));
        var service = Shell(builder, "service", Script("service")).WaitForStart(database);
        Shell(builder, "front", Script("front")).WaitForStart(service);
    }

    private static void Parameters(IDistributedApplicationBuilder builder)
    {
        var kept = builder.AddParameter("kept", new GenerateParameterDefault { MinLength = 30, Special = false }, secret: true, persist: true);
        var fresh = builder.AddParameter("fresh", new GenerateParameterDefault { MinLength = 30 }, secret: true);
        Shell(builder, "teller", "echo kept=$KEPT; echo fresh=$FRESH; sleep 1000").WithEnvironment("KEPT", kept).WithEnvironment("FRESH", fresh);
    }

    private static void Web(IDistributedApplicationBuilder builder)
    {
        var password = builder.AddParameter("cache-password", () => "p@ss", secret: true);
        var server = Shell(builder, "server", "sleep 1000").WithEndpoint(name: "tcp");
        var address = server.GetEndpoint("tcp").Property(EndpointProperty.HostAndPort);
        var cache = builder.AddConnectionString("cache", ReferenceExpression.Create($"{address},password={password}"));
        var back = Project(builder, "back-end").WithHttpEndpoint(name: "grpc", env: "GRPC_PORT").WithEndpoint("grpc", e => e.Transport = "http2");
        Project(builder, "web")
            .WithReference(back)
            .WithReference(cache)
            .WithEnvironment("OVERRIDDEN", "by the AppHost")
            .WithEnvironment("BACK_ADDRESS", $"<{back.GetEndpoint("http")}>")
            .WithEnvironment("ESCAPED", $"{password:uri}")
            .WaitFor(back);
    }

    private static void Containers(IDistributedApplicationBuilder builder)
    {
        var redis = builder.AddRedis("cache").WithDataVolume("probe-cache");
        Shell(builder, "client", "echo connected to $ConnectionStrings__cache; sleep 1000").WithReference(redis).WaitForStart(redis);
        Shell(builder, "other", "echo independent; sleep 1000");
    }
}
