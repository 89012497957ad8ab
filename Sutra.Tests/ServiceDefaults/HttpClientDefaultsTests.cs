using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Sutra.Tests.ServiceDefaults;

[TestClass]
public sealed class HttpClientDefaultsTests
{
    [TestMethod]
    public async Task A_GET_is_retried_and_a_POST_is_not()
    {
        var server = new StubServer(HttpStatusCode.ServiceUnavailable);
        await using var app = TestService.Build(builder => Add(builder, server));
        using var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("stub");

        using var posted = await http.PostAsync("http://elsewhere/learn", content: null);
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, posted.StatusCode);
        Assert.HasCount(1, server.Asked);

        server.Asked.Clear();
        using var got = await http.GetAsync("http://elsewhere/concept");
        Assert.HasCount(4, server.Asked);
    }

    [TestMethod]
    public async Task Defaults_added_twice_do_not_multiply_retries()
    {
        var server = new StubServer(HttpStatusCode.ServiceUnavailable);
        await using var app = TestService.Build(builder =>
        {
            builder.AddSutraServiceDefaults();
            Add(builder, server);
        });
        using var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("stub");

        using var got = await http.GetAsync("http://elsewhere/concept");

        Assert.HasCount(4, server.Asked);
    }

    [TestMethod]
    public async Task Services_are_found_by_name()
    {
        var server = new StubServer(HttpStatusCode.OK);
        await using var app = TestService.Build(
            builder => Add(builder, server),
            settings: ("services:embedder:grpc:0", "http://localhost:4711"));
        using var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("stub");

        using var got = await http.GetAsync("http://_grpc.embedder/v1");

        Assert.AreEqual(new Uri("http://localhost:4711/v1"), server.Asked.Single());
    }

    [TestMethod]
    public async Task One_broken_dependency_does_not_shut_out_the_others()
    {
        var server = new StubServer(HttpStatusCode.InternalServerError);
        await using var app = TestService.Build(builder => Add(builder, server));
        using var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("stub");
        for (var i = 0; i < 100; i++)
        {
            using var failed = await http.PostAsync("http://broken/", content: null);
        }

        await Assert.ThrowsAsync<Polly.CircuitBreaker.BrokenCircuitException>(() => http.PostAsync("http://broken/", content: null));
        using var other = await http.PostAsync("http://other/", content: null);

        Assert.AreEqual(HttpStatusCode.InternalServerError, other.StatusCode);
    }

    private static void Add(WebApplicationBuilder builder, StubServer server) =>
        builder.Services.AddHttpClient("stub").ConfigurePrimaryHttpMessageHandler(() => server);

    private sealed class StubServer(HttpStatusCode status) : HttpMessageHandler
    {
        public List<Uri?> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri);
            return Task.FromResult(new HttpResponseMessage(status) { RequestMessage = request });
        }
    }
}
