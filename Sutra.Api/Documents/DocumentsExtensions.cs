namespace Sutra.Api.Documents;

internal static class DocumentsExtensions
{
    public static WebApplicationBuilder AddDocuments(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<DocumentOptions>()
            .BindConfiguration(DocumentOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<DocumentReader>();
        builder.Services.AddSingleton<Splitter>();
        builder.Services.AddSingleton<DocumentStore>();
        builder.Services.AddSingleton<DocumentLearner>();
        return builder;
    }
}
