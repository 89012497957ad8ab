namespace Sutra.Api.Reembedding;

internal static class ReembeddingExtensions
{
    public static WebApplicationBuilder AddReembedding(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ConceptCopier>();
        builder.Services.AddSingleton<ReembeddingService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ReembeddingService>());
        return builder;
    }
}
