using Sutra.AppHost;
using Sutra.AppHost.Infrastructure;
using Sutra.AppHost.Topology;

try
{
    var builder = DistributedApplication.CreateBuilder(args);
    var settings = AppHostSettings.From(builder);
    using var claim = RunClaim.Make(builder, settings);
    builder.AddPublishTarget(settings.Target);

    var internalKey = builder.AddGeneratedSecret("internal-key", length: 48);
    var auditHashKey = builder.AddGeneratedSecret("audit-hash-key", length: 48);
    var (cache, audit) = builder.AddCacheAndAudit(settings);

    var embedder = builder.AddProject<Projects.Sutra_Embedder>("embedder")
        .OnAnyPort()
        .WithGrpcEndpoint(publishedPort: 8081)
        .WithMetricsEndpoint(publishedPort: 9090)
        .WithOptional(cache)
        .WithEnvironment("Identity__Key", internalKey)
        .WithRunEnvironment("Embedder__StorePath", settings.ModelStore)
        .WithReplicas(settings.EmbedderReplicas)
        .WithHttpHealthCheck("/ready", endpointName: "http");

    var storage = builder.AddProject<Projects.Sutra_Storage>("storage")
        .OnAnyPort()
        .WithGrpcEndpoint(publishedPort: 50051)
        .WithEnvironment("Identity__Key", internalKey)
        .WithRunEnvironment("Storage__DataPath", settings.Data("storage"))
        .WithHttpHealthCheck("/ready", endpointName: "http");

    var api = builder.AddProject<Projects.Sutra_Api>("api")
        .OnAnyPort()
        .WithReference(embedder).WaitFor(embedder)
        .WithReference(storage).WaitFor(storage)
        .WithOptional(audit)
        .WithLanguageModel()
        .WithEnvironment("Identity__Key", internalKey)
        .WithEnvironment("Audit__HashKey", auditHashKey)
        .WithRunEnvironment("Audit__FilePath", settings.Data("audit", "audit.log"))
        .WithRunEnvironment("Ingestion__SpoolPath", settings.Data("ingest"))
        .WithHttpHealthCheck("/health", endpointName: "http");

    builder.AddProject<Projects.Sutra_Gateway>("gateway")
        .OnPublicPort(settings)
        .WithReference(api).WaitFor(api)
        .WithReference(embedder)
        .WithEnvironment("Identity__Key", internalKey)
        .WithRunEnvironment("Gateway__KeysPath", settings.Data("gateway", "keys.json"))
        .WithRunEnvironment("Gateway__FirstKeyPath", settings.FirstKeyFile)
        .WithExternalHttpEndpoints()
        .WithHttpHealthCheck("/health", endpointName: "http");

    await builder.Build().RunAsync();
    return Environment.ExitCode;
}
catch (DistributedApplicationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
