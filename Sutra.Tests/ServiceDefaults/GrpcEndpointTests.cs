using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Sutra.ServiceDefaults.Startup;
using Sutra.Tests.Harness;

namespace Sutra.Tests.ServiceDefaults;

[TestClass]
public sealed class GrpcEndpointTests
{
    [TestMethod]
    public async Task The_gRPC_port_speaks_HTTP_2_and_the_other_HTTP_1()
    {
        var (http, grpc) = (FreePort.Next(), FreePort.Next());
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["GRPC_PORT"] = $"{grpc}";
        builder.WebHost.UseUrls($"http://localhost:{http}", $"http://localhost:{grpc}");
        builder.AddSutraServiceDefaults();
        builder.AddGrpcEndpoint();
        await using var app = builder.Build();
        app.MapSutraDefaultEndpoints();
        await app.StartAsync();
        using var client = new HttpClient();

        Assert.AreEqual(HttpStatusCode.OK, await AskAsync(client, http, HttpVersion.Version11));
        Assert.AreEqual(HttpStatusCode.OK, await AskAsync(client, grpc, HttpVersion.Version20));
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(client, http, HttpVersion.Version20));
        Assert.AreNotEqual(HttpStatusCode.OK, await StatusOrNullAsync(client, grpc));
    }

    [TestMethod]
    [DataRow("http")]
    [DataRow("0")]
    [DataRow("65536")]
    public void A_port_that_is_none_stops_the_start(string port)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["GRPC_PORT"] = port;

        var error = Assert.ThrowsExactly<StartupException>(() => builder.AddGrpcEndpoint());

        StringAssert.Contains(error.Message, $"GRPC_PORT is '{port}'");
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, int port, Version version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{port}/alive")
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode?> StatusOrNullAsync(HttpClient client, int port)
    {
        try
        {
            return await AskAsync(client, port, HttpVersion.Version11);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
