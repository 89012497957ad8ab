using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;

namespace Sutra.ServiceDefaults.Http;

internal static class HttpClientDefaultsExtensions
{
    /// <summary>
    /// Every <see cref="HttpClient"/> of the factory finds services by name and retries what is safe to retry. A client with needs
    /// of its own removes the handler first: two of them would nest, and their retries multiply.
    /// </summary>
    public static void AddHttpClientDefaults(this IHostApplicationBuilder builder)
    {
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler(resilience =>
                {
                    // A retried POST would do its work twice.
#pragma warning disable EXTEXP0001
                    resilience.Retry.DisableForUnsafeHttpMethods();
#pragma warning restore EXTEXP0001
                    resilience.Retry.Delay = TimeSpan.FromMilliseconds(200);

                    // The default 10 s cuts a large batch on a cold model short.
                    resilience.AttemptTimeout.Timeout = TimeSpan.FromSeconds(30);
                    resilience.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(60);
                    resilience.CircuitBreaker.SamplingDuration = TimeSpan.FromSeconds(60);
                })
                .SelectPipelineByAuthority(); // one dependency's open circuit must not shut out the others
            http.AddServiceDiscovery();
        });
    }
}
