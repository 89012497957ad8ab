using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Sutra.Tests.Standins.ServiceDiscovery;

[TestClass]
public sealed class ServiceDiscoveryTests
{
    [TestMethod]
    [DataRow("http://api", "http://localhost:1/")]
    [DataRow("https://api", "https://localhost:2/")]
    [DataRow("https+http://api", "https://localhost:2/")]
    [DataRow("http+https://api", "http://localhost:1/")]
    [DataRow("http://_grpc.api", "http://localhost:3/")]
    [DataRow("http://_other.api", "api:80")]
    [DataRow("https+http://plain", "http://localhost:4/")]
    [DataRow("http://single", "http://localhost:5/")]
    [DataRow("http://default", "http://localhost:6/")]
    [DataRow("http://localhost:1234", "localhost:1234")]
    [DataRow("http://127.0.0.1:1234", "127.0.0.1:1234")]
    [DataRow("http://_grpc.elsewhere.org", "elsewhere.org:80")]
    public async Task Names_resolve_as_the_package_resolves_them(string name, string expected)
    {
        await using var services = Services(
            ("services:api:http:0", "http://localhost:1"),
            ("services:api:https:0", "https://localhost:2"),
            ("services:api:grpc:0", "http://localhost:3"),
            ("services:plain:http:0", "http://localhost:4"),
            ("services:single:http", "http://localhost:5"),
            ("services:default:default:0", "http://localhost:6"),
            ("services:default:http:0", "http://localhost:7"));

        var source = await services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync(name, CancellationToken.None);

        Assert.AreEqual(expected, source.Endpoints.Single().ToString());
    }

    [TestMethod]
    public async Task Variables_of_Aspire_are_found()
    {
        const string variable = "SutraTest_services__embedder__grpc__0";
        Environment.SetEnvironmentVariable(variable, "http://localhost:81");
        try
        {
            var configuration = new ConfigurationBuilder().AddEnvironmentVariables("SutraTest_").Build();
            await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddServiceDiscovery().BuildServiceProvider();

            var source = await services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("http://_grpc.embedder", CancellationToken.None);

            Assert.AreEqual("http://localhost:81/", source.Endpoints.Single().ToString());
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [TestMethod]
    public async Task Requests_go_to_all_endpoints_in_turn_and_keep_their_paths()
    {
        var asked = new List<string>();
        await using var services = Services(
            services => services.AddHttpClient("x").AddServiceDiscovery().ConfigurePrimaryHttpMessageHandler(() => new Recorder(asked)),
            ("services:api:http:0", "http://localhost:1"),
            ("services:api:http:1", "http://localhost:2/base"));
        using var http = services.GetRequiredService<IHttpClientFactory>().CreateClient("x");

        for (var i = 0; i < 4; i++)
        {
            using var response = await http.GetAsync("http://api/things?q=1");
        }

        CollectionAssert.AreEquivalent(
            new[] { "http://localhost:1/things?q=1", "http://localhost:1/things?q=1", "http://localhost:2/base/things?q=1", "http://localhost:2/base/things?q=1" },
            asked);
    }

    [TestMethod]
    public async Task A_scheme_that_is_not_allowed_is_not_used()
    {
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(Configuration(("services:api:http:0", "http://localhost:1"), ("services:api:https:0", "https://localhost:2")))
            .AddServiceDiscovery(discovery =>
            {
                discovery.AllowAllSchemes = false;
                discovery.AllowedSchemes = ["https"];
            })
            .BuildServiceProvider();

        var source = await services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("http+https://api", CancellationToken.None);

        Assert.AreEqual("https://localhost:2/", source.Endpoints.Single().ToString());
    }

    [TestMethod]
    public async Task A_reload_of_the_configuration_is_seen()
    {
        var configuration = Configuration(("services:api:http:0", "http://localhost:1"));
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddServiceDiscovery().BuildServiceProvider();
        var resolver = services.GetRequiredService<ServiceEndpointResolver>();
        var before = await resolver.GetEndpointsAsync("http://api", CancellationToken.None);

        configuration["services:api:http:0"] = "http://localhost:2";
        configuration.Reload();

        Assert.IsTrue(before.ChangeToken.HasChanged);
        var after = await resolver.GetEndpointsAsync("http://api", CancellationToken.None);
        Assert.AreEqual("http://localhost:2/", after.Endpoints.Single().ToString());
    }

    [TestMethod]
    [DataRow("services:api:http:first", "http://localhost:1", "non-numeric")]
    [DataRow("services:api:http:0", "http://", "invalid value")]
    public async Task Broken_configuration_is_an_error(string key, string value, string expected)
    {
        await using var services = Services((key, value));

        var error = await Assert.ThrowsExactlyAsync<KeyNotFoundException>(async () =>
            await services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("http://api", CancellationToken.None));

        StringAssert.Contains(error.Message, expected);
    }

    [TestMethod]
    public async Task A_proxy_destination_becomes_one_per_endpoint()
    {
        await using var services = Services(
            services => services.AddReverseProxy().AddServiceDiscoveryDestinationResolver(),
            ("services:api:http:0", "http://localhost:1"),
            ("services:api:http:1", "http://localhost:2"));
        var destinations = new Dictionary<string, DestinationConfig> { ["d"] = new() { Address = "http://api/v1", Health = "http://api/ready" } };

        var resolved = await services.GetServices<IDestinationResolver>().Last().ResolveDestinationsAsync(destinations, CancellationToken.None);

        CollectionAssert.AreEquivalent(
            new[] { "http://localhost:1/v1", "http://localhost:2/v1" },
            resolved.Destinations.Values.Select(destination => destination.Address).ToArray());
        CollectionAssert.AreEquivalent(
            new[] { "http://localhost:1/ready", "http://localhost:2/ready" },
            resolved.Destinations.Values.Select(destination => destination.Health).ToArray());
    }

    private static ServiceProvider Services(params (string Key, string Value)[] settings) => Services(_ => { }, settings);

    private static ServiceProvider Services(Action<IServiceCollection> add, params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(Configuration(settings));
        services.AddServiceDiscovery();
        add(services);
        return services.BuildServiceProvider();
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();

    private sealed class Recorder(List<string> asked) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked.Add(request.RequestUri!.ToString());
            return Task.FromResult(new HttpResponseMessage());
        }
    }
}
