using Microsoft.Extensions.Options;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Store;

/// <summary>The catalog, the store and its sweep.</summary>
internal static class StoreBuilderExtensions
{
    public static IServiceCollection AddModelStore(this IServiceCollection services)
    {
        services.AddOptions<StoreOptions>()
            .BindConfiguration(EmbedderOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider => ModelCatalog.Load(provider.GetRequiredService<IOptions<StoreOptions>>().Value.CatalogPath));
        services.AddSingleton(provider => new ModelStore(
            provider.GetRequiredService<IOptions<StoreOptions>>().Value.StorePath is { Length: > 0 } path ? path : ModelStore.DefaultRoot(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<StoredModels>();
        services.AddSingleton<IModelSource>(provider => provider.GetRequiredService<StoredModels>());
        return services.AddHostedService<UnusedModelSweep>();
    }
}
