using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

public static class ResilienceHttpClientBuilderExtensions
{
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(
        this IHttpClientBuilder builder,
        Action<HttpStandardResilienceOptions> configure) => builder.AddStandardResilienceHandler().Configure(configure);

    /// <summary>Sends the client's requests through the pipeline that <see cref="HttpStandardResilienceOptions"/> describes, which then owns all time-outs.</summary>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = $"{builder.Name}-standard";
        builder.Services.AddOptionsWithValidateOnStart<HttpStandardResilienceOptions, HttpStandardResilienceOptionsValidator>(name);
        builder.Services.TryAddSingleton(services => new StandardPipelines(
            services.GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>(),
            services.GetService<TimeProvider>()));
        builder.AddHttpMessageHandler(services =>
        {
            var pipelines = services.GetRequiredService<StandardPipelines>();
            var selection = services.GetRequiredService<IOptionsMonitor<PipelineSelection>>().Get(name);
            return new ResilienceHandler(request => pipelines.Get(name, selection.Key(request)));
        });
        builder.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan);
        return new Builder(name, builder.Services);
    }

    /// <summary>For a client that brings its own: pipelines nest, they do not replace each other.</summary>
    [Experimental("EXTEXP0001")]
    public static IHttpClientBuilder RemoveAllResilienceHandlers(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureAdditionalHttpMessageHandlers(static (handlers, _) =>
        {
            foreach (var handler in handlers.OfType<ResilienceHandler>().ToArray())
            {
                handlers.Remove(handler);
            }
        });
    }

    private sealed record Builder(string PipelineName, IServiceCollection Services) : IHttpStandardResiliencePipelineBuilder;
}
