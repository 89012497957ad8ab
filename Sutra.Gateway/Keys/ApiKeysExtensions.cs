using Microsoft.Extensions.Options;

namespace Sutra.Gateway.Keys;

internal static class ApiKeysExtensions
{
    public static void AddApiKeys(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => ApiKeyStore.Open(
            services.GetRequiredService<IOptions<GatewayOptions>>().Value,
            services.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService<ApiKeyReload>();
        builder.Services.AddHostedService<FirstRequestHint>();
    }
}
