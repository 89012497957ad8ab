using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sutra.Client.Http;

namespace Sutra.Client;

public static class SutraClientExtensions
{
    private const string Name = "Sutra.Client";

    /// <summary>
    /// Registers <see cref="SutraClient"/>, and its models as <c>IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt;</c> unless there is one, both as singletons.
    /// The client's requests go through the HTTP client that is returned.
    /// </summary>
    /// <param name="configure">Beside what configures <see cref="SutraClientOptions"/> elsewhere. An option that is missing or wrong throws when the client is first asked for.</param>
    public static IHttpClientBuilder AddSutraClient(this IServiceCollection services, Action<SutraClientOptions>? configure = null)
    {
        services.AddOptions<SutraClientOptions>();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(provider => new SutraClient(provider.GetRequiredService<IHttpClientFactory>().CreateClient(Name), Options(provider), Time(provider)));
        services.TryAddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => new SutraEmbeddingGenerator(provider.GetRequiredService<SutraClient>()));

        // The client is kept for good, so connections are renewed below it.
        return services.AddHttpClient(Name, (provider, http) => SutraClient.Configure(http, Options(provider)))
            .UseSocketsHttpHandler((handler, _) => handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .AddHttpMessageHandler(provider => new RetryHandler(Options(provider), Time(provider)));
    }

    private static SutraClientOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<SutraClientOptions>>().Value.Checked();

    private static TimeProvider Time(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
