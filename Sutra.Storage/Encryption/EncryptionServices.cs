using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Sutra.Storage.Encryption;

internal static class EncryptionServices
{
    /// <summary>Options of <c>Storage:Encryption</c>, validated at start. A key service, if there is one, is registered as <c>IKeyService</c>.</summary>
    public static IServiceCollection AddStorageEncryption(this IServiceCollection services)
    {
        services.AddOptions<EncryptionOptions>()
            .BindConfiguration(EncryptionOptions.Section)
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EncryptionOptions>, EncryptionOptionsValidator>());
        return services;
    }
}
