using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Http.Resilience;

public interface IHttpStandardResiliencePipelineBuilder
{
    /// <summary>Also the name of its <see cref="HttpStandardResilienceOptions"/>.</summary>
    string PipelineName { get; }

    IServiceCollection Services { get; }
}

public static class HttpStandardResiliencePipelineBuilderExtensions
{
    public static IHttpStandardResiliencePipelineBuilder Configure(
        this IHttpStandardResiliencePipelineBuilder builder,
        Action<HttpStandardResilienceOptions> configure) => builder.Configure((options, _) => configure(options));

    public static IHttpStandardResiliencePipelineBuilder Configure(
        this IHttpStandardResiliencePipelineBuilder builder,
        Action<HttpStandardResilienceOptions, IServiceProvider> configure)
    {
        builder.Services.AddOptions<HttpStandardResilienceOptions>(builder.PipelineName).Configure(configure);
        return builder;
    }

    /// <summary>A pipeline, and so a circuit breaker, per scheme, host and port instead of one for the client.</summary>
    public static IHttpStandardResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpStandardResiliencePipelineBuilder builder)
    {
        builder.Services.Configure<PipelineSelection>(builder.PipelineName, selection =>
            selection.Key = request => request.RequestUri?.GetLeftPart(UriPartial.Authority) ?? "");
        return builder;
    }
}

internal sealed class PipelineSelection
{
    public Func<HttpRequestMessage, string> Key { get; set; } = _ => "";
}
