namespace Sutra.Gateway;

internal static class GatewayOptionsExtensions
{
    public static void AddGatewayOptions(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<GatewayOptions>()
            .BindConfiguration(GatewayOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
}
