using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Sutra.Storage;
using Sutra.Storage.Files;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Grpc;

/// <summary>The storage service in this process, on a simulated disk.</summary>
internal sealed class StorageService(SimulatedDisk disk) : WebApplicationFactory<StorageOptions>
{
    public GrpcChannel Channel() => GrpcChannel.ForAddress(Server.BaseAddress, new GrpcChannelOptions { HttpHandler = Server.CreateHandler() });

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Storage:DataPath", "/simulated");
        builder.UseSetting("Identity:Key", StorageClient.Key);
        builder.ConfigureTestServices(services => services.AddSingleton<IFileSystem>(disk));
    }
}
