using Sutra.Tests.Harness;

namespace Sutra.Tests.Storage.Grpc;

/// <summary>The storage service as a process of its own on some data folder.</summary>
internal sealed class StorageProcess(string dataPath)
{
    private readonly int _httpPort = FreePort.Next();

    public string DataPath => dataPath;

    public int GrpcPort { get; } = FreePort.Next();

    public ServiceProcess Start(params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_httpPort};http://127.0.0.1:{GrpcPort}",
            ["GRPC_PORT"] = $"{GrpcPort}",
            ["Storage__DataPath"] = dataPath,
            ["Identity__Key"] = StorageClient.Key,
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return ServiceProcess.Start(Repository.Program("Sutra.Storage"), environment);
    }

    public async Task<ServiceProcess> StartReadyAsync(params (string Name, string Value)[] settings)
    {
        var process = Start(settings);
        await process.WaitForOkAsync($"http://127.0.0.1:{_httpPort}/ready", TimeSpan.FromSeconds(60));
        return process;
    }
}
