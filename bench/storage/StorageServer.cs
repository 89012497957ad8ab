using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Concepts;

namespace Sutra.Bench.Storage;

/// <summary>The storage service as a process of its own, called as the api calls it.</summary>
internal sealed class StorageServer : IDisposable
{
    private const string Key = "a-key-for-measuring-that-is-long-enough-0123456789";

    private readonly Process _process;
    private readonly GrpcChannel _channel;
    private readonly ConceptStore.ConceptStoreClient _client;
    private readonly Metadata _headers;

    private StorageServer(Process process, int port)
    {
        _process = process;
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        _client = new ConceptStore.ConceptStoreClient(_channel);
        var token = new InternalToken(Key, TimeSpan.FromHours(1), TimeProvider.System).Mint(new CallerIdentity("service:bench", [Permissions.Read, Permissions.Write]));
        _headers = new Metadata { { InternalToken.Header, token } };
    }

    public static async Task<StorageServer> StartAsync(string dataPath)
    {
        var (http, grpc) = (FreePort(), FreePort());
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Sutra.Storage.dll"));
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{http};http://127.0.0.1:{grpc}";
        start.Environment["GRPC_PORT"] = $"{grpc}";
        start.Environment["Storage__DataPath"] = dataPath;
        start.Environment["Identity__Key"] = Key;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                (await client.GetAsync($"http://127.0.0.1:{http}/ready")).EnsureSuccessStatusCode();
                return new StorageServer(process, grpc);
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    public async Task LearnAsync(NewConcept concept)
    {
        var request = new LearnRequest { Content = concept.Content, Model = concept.Model };
        request.Embedding.AddRange(concept.Embedding.ToArray());
        request.Metadata.Add(new Dictionary<string, string>(concept.Metadata));
        await _client.LearnAsync(request, new CallOptions(_headers, DateTime.UtcNow.AddSeconds(30)));
    }

    public void Dispose()
    {
        _channel.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
