using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly.Timeout;

namespace Sutra.Tests.Standins.Resilience;

[TestClass]
public sealed class StandardResilienceTests
{
    [TestMethod]
    [DataRow(HttpStatusCode.InternalServerError, 4)]
    [DataRow(HttpStatusCode.TooManyRequests, 4)]
    [DataRow(HttpStatusCode.RequestTimeout, 4)]
    [DataRow(HttpStatusCode.NotFound, 1)]
    [DataRow(HttpStatusCode.OK, 1)]
    public async Task Only_transient_answers_are_tried_again(HttpStatusCode status, int attempts)
    {
        var asked = 0;
        await using var services = Services(options => options.Retry.Delay = TimeSpan.FromMilliseconds(1), (_, _) =>
        {
            asked++;
            return Task.FromResult(new HttpResponseMessage(status));
        });
        using var http = Client(services);

        using var response = await http.GetAsync("http://somewhere/");

        Assert.AreEqual(status, response.StatusCode);
        Assert.AreEqual(attempts, asked);
    }

    [TestMethod]
    public async Task Retry_After_decides_the_delay()
    {
        var asked = 0;
        await using var services = Services(options => options.Retry.Delay = TimeSpan.FromMinutes(1), (_, _) =>
        {
            var response = new HttpResponseMessage(++asked == 1 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
            response.Headers.Add("Retry-After", "1");
            return Task.FromResult(response);
        });
        using var http = Client(services);
        var watch = Stopwatch.StartNew();

        using var response = await http.GetAsync("http://somewhere/");

        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.IsGreaterThan(TimeSpan.FromMilliseconds(900), watch.Elapsed);
        Assert.IsLessThan(TimeSpan.FromSeconds(20), watch.Elapsed);
    }

    [TestMethod]
    public async Task An_attempt_that_hangs_is_cut_off_and_the_total_ends_it_all()
    {
        var asked = 0;
        await using var services = Services(
            options =>
            {
                options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(100);
                options.TotalRequestTimeout.Timeout = TimeSpan.FromMilliseconds(450);
                options.Retry.Delay = TimeSpan.FromMilliseconds(1);
                options.Retry.MaxRetryAttempts = 50;
            },
            async (_, cancellation) =>
            {
                asked++;
                await Task.Delay(Timeout.Infinite, cancellation);
                return new HttpResponseMessage();
            });
        using var http = Client(services);

        await Assert.ThrowsExactlyAsync<TimeoutRejectedException>(() => http.GetAsync("http://somewhere/"));

        Assert.IsGreaterThan(1, asked);
    }

    [TestMethod]
    public async Task The_client_s_own_time_out_does_not_interfere()
    {
        await using var services = Services(_ => { }, (_, _) => Task.FromResult(new HttpResponseMessage()));
        using var http = Client(services);

        Assert.AreEqual(Timeout.InfiniteTimeSpan, http.Timeout);
    }

    [TestMethod]
    public async Task Contradicting_time_outs_are_refused()
    {
        await using var services = Services(options => options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(60), (_, _) => Task.FromResult(new HttpResponseMessage()));

        var error = Assert.ThrowsExactly<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());

        Assert.HasCount(2, error.Failures.ToArray());
    }

    [TestMethod]
    public async Task A_client_can_be_without()
    {
        var asked = 0;
        var collection = new ServiceCollection();
        collection.ConfigureHttpClientDefaults(http => http.AddStandardResilienceHandler());
#pragma warning disable EXTEXP0001
        collection.AddHttpClient("x").RemoveAllResilienceHandlers().ConfigurePrimaryHttpMessageHandler(() => new Stub((_, _) =>
        {
            asked++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.InternalServerError));
        }));
#pragma warning restore EXTEXP0001
        await using var services = collection.BuildServiceProvider();
        using var http = Client(services);

        using var response = await http.GetAsync("http://somewhere/");

        Assert.AreEqual(1, asked);
    }

    private static ServiceProvider Services(
        Action<HttpStandardResilienceOptions> configure,
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> server)
    {
        var services = new ServiceCollection();
        services.AddHttpClient("x").ConfigurePrimaryHttpMessageHandler(() => new Stub(server)).AddStandardResilienceHandler(configure);
        return services.BuildServiceProvider();
    }

    private static HttpClient Client(ServiceProvider services) => services.GetRequiredService<IHttpClientFactory>().CreateClient("x");

    private sealed class Stub(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> server) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            server(request, cancellationToken);
    }
}
